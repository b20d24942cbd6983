//! How the page looks, on a screen and in print. Text has a contrast of 7:1 or more, marks of charts 3:1 or more.

/// The style; the page's policy names its hash, so that no other can be slipped in.
pub const STYLE: &str = "\
:root{color-scheme:light;--ink:#1b1b1b;--dim:#454545;--line:#c9ced6;--deep:#12467a;--warm:#8a3f00;--pale:#f3f6fa}\
*{box-sizing:border-box}\
body{font:1rem/1.55 system-ui,'Segoe UI',Roboto,'Noto Sans',sans-serif;color:var(--ink);background:#fff;max-width:66rem;margin:0 auto;padding:1.5rem 1.25rem 3rem}\
h1{font-size:1.8rem;line-height:1.2;margin:.2rem 0 1rem}\
h2{font-size:1.35rem;line-height:1.25;margin:2.6rem 0 .8rem;padding-bottom:.3rem;border-bottom:2px solid var(--deep)}\
h3{font-size:1.08rem;margin:1.8rem 0 .5rem}\
p{margin:.5rem 0}\
a{color:var(--deep);text-decoration:underline;text-underline-offset:.15em}\
a:focus-visible,.scroll:focus-visible{outline:3px solid var(--warm);outline-offset:2px}\
.skip{position:absolute;left:-99rem}.skip:focus{position:static}\
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\
.issuer{color:var(--dim);margin:0}\
.draft{background:#fff4e5;border-left:.4rem solid var(--warm);padding:.6rem .9rem}\
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:.1rem 1.5rem;margin:0;padding:.8rem 1rem;background:var(--pale);border-radius:.4rem}\
.facts div{display:flex;gap:.6rem;padding:.15rem 0}.facts dt{color:var(--dim);flex:0 0 9rem}.facts dd{margin:0;overflow-wrap:anywhere}\
nav h2{font-size:1rem;border:0;margin:1.4rem 0 .3rem;padding:0}\
nav ol{columns:3 13rem;margin:0;padding-left:1.4rem}\
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.8rem;margin:0}\
.cards div{display:flex;flex-direction:column-reverse;justify-content:flex-end;border:1px solid var(--line);border-top:.3rem solid var(--deep);border-radius:.35rem;padding:.6rem .8rem}\
.cards dt{color:var(--dim);font-size:.92rem;line-height:1.3}.cards dd{margin:0;font-size:1.55rem;line-height:1.3;font-weight:600}\
.cards .none{font-size:1.05rem;font-weight:400}\
.scroll{position:relative;overflow-x:auto;margin:.6rem 0 1.2rem}\
table{border-collapse:collapse;width:100%;font-size:.93rem}\
caption{text-align:left;color:var(--dim);padding:0 0 .35rem}\
th,td{padding:.38rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}\
thead th{background:var(--pale);border-bottom:2px solid var(--deep);vertical-align:bottom}\
tbody th{font-weight:400}\
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
.id{color:var(--dim);font-size:.85em;white-space:nowrap}\
.none,.nothing{color:var(--dim)}\
.notes{margin:0;padding-left:1rem}\
.groups{margin:.4rem 0 1.2rem;font-size:.93rem}\
.groups div{padding:.35rem 0;border-bottom:1px solid var(--line)}\
.groups dt{font-weight:600}.groups dd{margin:0}\
.groups ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.1rem 1.4rem}\
.groups data{font-weight:600}\
figure{margin:.4rem 0}figcaption{color:var(--dim);margin-top:.7rem}\
svg{display:block;width:100%;min-width:36rem;max-width:46rem;height:auto}\
svg text{font:13px system-ui,'Segoe UI',Roboto,'Noto Sans',sans-serif;fill:#1b1b1b}\
svg .tick{fill:#454545;font-size:12px}svg .grid{stroke:#d9dde3;stroke-width:1}\
svg .axis{stroke:#454545;stroke-width:1}\
svg .bar{fill:#1f5f99}svg .back{fill:#e4e9f0}\
svg .taken{fill:none;stroke:#1f5f99;stroke-width:3}svg .area{fill:#e0e9f1}\
svg .plan{fill:none;stroke:#8a3f00;stroke-width:2.5;stroke-dasharray:7 5}\
svg .span{stroke:#6b7785;stroke-width:3}\
svg .before{fill:#fff;stroke:#8a3f00;stroke-width:2.5}svg .after{fill:#1f5f99;stroke:#1f5f99;stroke-width:2.5}\
footer{margin-top:3rem;padding-top:.6rem;border-top:1px solid var(--line);color:var(--dim);font-size:.9rem}\
@page{size:A4;margin:16mm 14mm}\
@media print{body{max-width:none;padding:0;font-size:10pt}nav,.skip{display:none}h2,h3{break-after:avoid}\
figure,.cards,.cards div,tr,.groups div{break-inside:avoid}thead{display:table-header-group}\
caption,thead,thead tr{break-inside:avoid;break-after:avoid}tbody tr:first-child{break-before:avoid}svg{min-width:0}.scroll{overflow:visible}a{color:inherit;text-decoration:none}\
.bar,.back,.area,.before,.after{print-color-adjust:exact}}";
