/** How the page of a run looks: one column, light and dark, down to the width of a phone. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --good: #1a7f37; --bad: #c62828; --bar: #4078c0; }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72; --bar: #79b8ff; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem 1.25rem 3rem; }
h1 { font-size: 1.5rem; margin: .5rem 0 0; } h1 small { font-weight: normal; opacity: .7; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); }
.outcome { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; } .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.meta { margin: 0; opacity: .75; overflow-wrap: anywhere; }
pre, .log, code { font-family: ui-monospace, monospace; font-size: .85rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .75rem; border-radius: 6px; margin: 0; }
#diagnosis pre { border-left: 4px solid var(--bad); }
table.timeline { width: 100%; border-collapse: collapse; table-layout: fixed; }
.timeline th { text-align: left; width: 13rem; font-weight: 600; overflow-wrap: anywhere; vertical-align: top; }
.timeline td { width: 8rem; font-variant-numeric: tabular-nums; vertical-align: top; } .timeline td.track { width: auto; }
.timeline .phase th { font-weight: normal; padding-left: 1rem; opacity: .85; }
.timeline .track { background: linear-gradient(var(--soft), var(--soft)) 0 50% / 100% 1px no-repeat; }
.timeline i { display: block; height: .8rem; margin-top: .3rem; min-width: 2px; background: var(--bar); border-radius: 3px; }
.timeline .phase i { opacity: .55; } .timeline .failed i, .timeline .cut i { background: var(--bad); }
.timeline .cached, .timeline .waiting { opacity: .6; }
table.tests { width: 100%; border-collapse: collapse; } .tests th { text-align: left; width: 22rem; font-weight: normal; }
.tests th, .tests td { vertical-align: top; padding: .1rem .5rem .1rem 0; overflow-wrap: anywhere; } .tests .fails td { color: var(--bad); }
figure { margin: 0 0 1rem; } img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 4px; }
.strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 45%), 1fr)); gap: .5rem; }
.strip figure { margin: 0; overflow-wrap: anywhere; }
figcaption { opacity: .75; font-size: .85rem; }
.log { max-height: 32rem; overflow: auto; background: var(--soft); padding: .5rem; border-radius: 6px; }
.log div { white-space: pre-wrap; overflow-wrap: anywhere; content-visibility: auto; } .log b { font-weight: 600; opacity: .7; }
.at { opacity: .6; } .log [hidden] { display: none; }
.search input { font: inherit; padding: .3rem .5rem; width: min(24rem, 70%); } summary { cursor: pointer; padding: .2rem 0; }
@media (max-width: 40rem) {
  .timeline th { width: 46%; } .timeline td { width: 6rem; } .timeline td.track { width: auto; }
  .log { max-height: 24rem; }
}
`;
