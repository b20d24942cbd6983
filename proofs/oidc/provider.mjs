// A stock OpenID Connect provider (oidc-provider) for proofs/identity.py: token endpoint, discovery, key set, and a
// little control besides: what was asked how often, and a change of its keys while everything runs.
//
// usage: node provider.mjs PORT

import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'

const port = Number(process.argv[2])
const issuer = `http://127.0.0.1:${port}`
const asked = {}
let generation = 0
let handle

async function signingKeys () {
  const keys = []
  for (const alg of ['RS256', 'ES256', 'EdDSA']) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true })
    keys.push({ ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `${alg}-${generation}` })
  }
  return keys
}

async function start () {
  generation += 1
  const provider = new Provider(issuer, {
    jwks: { keys: await signingKeys() },
    clients: ['town', 'stranger'].map((client_id) => ({
      client_id, client_secret: `${client_id}-secret`, grant_types: ['client_credentials'], redirect_uris: [], response_types: []
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // The resource asked for names the algorithm, so that each of them can be tried.
        getResourceServerInfo: (_, resource) => ({
          scope: '', audience: resource.startsWith('urn:other') ? 'other' : 'pai', accessTokenTTL: 600, accessTokenFormat: 'jwt',
          jwt: { sign: { alg: resource.split(':').pop() } }
        })
      }
    },
    extraTokenClaims: () => ({ preferred_username: 'jnowak', purpose: 'recruitment' })
  })
  handle = provider.callback()
}

await start()
createServer(async (request, response) => {
  const path = request.url.split('?')[0]
  if (path === '/control/rotate') {
    await start()
    response.end('{}')
  } else if (path === '/control/asked') {
    response.end(JSON.stringify(asked))
  } else {
    asked[path] = (asked[path] ?? 0) + 1
    handle(request, response)
  }
}).listen(port, '127.0.0.1', () => console.log('ready'))
