// Starts Swagger UI on the contract of this service.
//
// Swagger UI resolves references by a general library that reads the whole document anew for each operation, and
// draws every row again after each act: seconds for a contract of a hundred operations. The plugin below does
// the same from what is known here: references point into the document itself, and what has not changed looks
// as it did. The dozen refusals that each operation documents are folded.

/** The value that a pointer such as `#/components/schemas/Host` names. */
const pointedAt = (contract, pointer) =>
  pointer
    .slice("#/".length)
    .split("/")
    .map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((value, step) => value[step], contract);

/** A part of the contract with what it refers to in place; a schema within itself stays a reference. */
function inlined(contract, part, within = []) {
  if (Array.isArray(part)) return part.map((item) => inlined(contract, item, within));
  if (part === null || typeof part !== "object") return part;
  const { $ref: pointer, ...members } = part;
  if (typeof pointer !== "string") {
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, inlined(contract, member, within)]));
  }
  if (within.includes(pointer)) return part;
  const target = inlined(contract, pointedAt(contract, pointer), [...within, pointer]);
  return { ...target, ...inlined(contract, members, within) };
}

const same = (before, after) => Object.is(before, after) || (typeof before?.equals === "function" && before.equals(after));

/** Whether a component would look as before. `state`, the state of everything, is handed to all and read by none of these. */
const alike = (before, after) =>
  Object.keys(before).length === Object.keys(after).length &&
  Object.keys(after).every((name) => name === "state" || same(before[name], after[name]));

/** Text that Markdown would leave as it is. */
const isPlain = (text) => typeof text === "string" && !/[`*_<>[\]\\|&~#\n]|:\/\/|^\s*([-+]|\d+[.)])\s/.test(text);

/** What a row shows only while it is open: each is connected to the state of everything, a hundred times. */
const OF_OPEN_ROWS = ["authorizeOperationBtn", "CopyToClipboardBtn", "JumpToPath"];
const Nothing = () => null;

const isRefusal = (code) => Number(code) >= 400;

/** A documented refusal: what it means, and on demand its headers and example, which are much the same everywhere. */
const foldedRefusal = ({ createElement: make, useState }, Whole) =>
  function Response(props) {
    const [unfolded, unfold] = useState(!isRefusal(props.code));
    if (unfolded) return make(Whole, props);
    const Markdown = props.getComponent("Markdown", true);
    return make(
      "tr",
      { className: `response ${props.className ?? ""}`, "data-code": props.code },
      make("td", { className: "response-col_status" }, props.code),
      make("td", { className: "response-col_description" }, make(Markdown, { source: props.response.get("description") })),
      make("td", null, make("button", { className: "unfold", type: "button", onClick: () => unfold(true) }, "Example")),
    );
  };

const Quick = ({ React }) => ({
  fn: {
    resolveSubtree: async (contract, path) => ({
      spec: inlined(contract, path.reduce((value, step) => value?.[step], contract)),
      errors: [],
    }),
  },
  statePlugins: {
    spec: {
      wrapActions: {
        // The contract is JSON; the original reads it as YAML.
        parseToJson: (_original, { specActions }) => (text) => specActions.updateJsonSpec(JSON.parse(text)),
      },
    },
  },
  wrapComponents: {
    Markdown: (Original) =>
      React.memo(({ source, ...others }) => {
        if (!isPlain(source)) return React.createElement(Original, { source, ...others });
        return React.createElement("div", { className: "renderedMarkdown" }, React.createElement("p", null, source));
      }, alike),
    OperationContainer: (Original) =>
      class extends Original {
        shouldComponentUpdate(next) {
          return next.isShown || this.props.isShown || !alike(this.props, next);
        }
      },
    OperationSummary: (Original) => (props) => {
      const { getComponent, isShown } = props;
      const ofClosedRow = (name, ...kind) => (OF_OPEN_ROWS.includes(name) ? Nothing : getComponent(name, ...kind));
      return React.createElement(Original, { ...props, getComponent: isShown ? getComponent : ofClosedRow });
    },
    response: (Original) => foldedRefusal(React, React.memo((props) => React.createElement(Original, props), alike)),
  },
});

document.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    dom_id: "#swagger-ui",
    url: "/openapi.json",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [Quick],
    layout: "BaseLayout",
    deepLinking: true,
    // Groups are folded: a reader finds one of forty headings sooner than one of some hundred rows, and so does the browser.
    docExpansion: "none",
    // Every schema drawn once more below the operations would double the time to the first click.
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
  });
});
