/** The pages' style sheet: no fonts, pictures or scripts from anywhere. Colours are variables, so that charts follow light and dark. */

/** Class of device to the name of its colour. */
export const classColour = (kind: string): string => `var(--${kind})`;

export const styleSheet = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f9; --ink: #1b1f24; --dim: #59636e; --line: #d5dae0; --grid: #e6e9ed;
  --this: #b3261e; --cpu: #1f6fb2; --gpu: #12805c; --tpu: #9a6700; --fpga: #8a3fa0; --asic: #5b6470;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --panel: #1d2125; --ink: #e7eaee; --dim: #9aa4af; --line: #363c43; --grid: #2a2f35;
    --this: #ff8a80; --cpu: #6cb6ff; --gpu: #4fc99a; --tpu: #e3b341; --fpga: #d2a0e6; --asic: #a9b3bd;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 4rem; max-width: 82rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 0.25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 0.25rem; }
h3 { font-size: 0.9rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0.25rem 0 0.75rem; max-width: 70ch; }
.dim, figcaption { color: var(--dim); font-size: 0.85rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin: 1rem 0 0; padding: 0; }
.tiles div { background: var(--panel); border-radius: 0.5rem; padding: 0.6rem 0.8rem; }
.tiles dt { color: var(--dim); font-size: 0.8rem; }
.tiles dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.tiles small { display: block; color: var(--dim); font-size: 0.75rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
.charts.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 23rem), 1fr)); }
figure { margin: 0; background: var(--panel); border-radius: 0.5rem; padding: 0.75rem; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; background: none; color: var(--ink); font: 11px system-ui, sans-serif; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.5rem; }
.scroll.tall { max-height: 36rem; overflow-y: auto; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.6rem; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--grid); vertical-align: top; }
th { color: var(--dim); font-weight: 500; position: sticky; top: 0; background: var(--page); z-index: 1; }
td:first-child, th:first-child { position: sticky; left: 0; background: var(--page); }
th:first-child { z-index: 2; }
td.n, th.n { text-align: right; }
tr:last-child td { border-bottom: 0; }
tr.this td { font-weight: 600; }
.err { color: var(--dim); font-size: 0.8em; }
.key { display: inline-block; width: 0.7em; height: 0.7em; border-radius: 0.15em; margin-right: 0.4em; }
.key.open { border: 1.5px dashed var(--dim); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; color: var(--dim); font-size: 0.85rem; margin: 0.5rem 0; padding: 0; list-style: none; }
.badge { border: 1px solid var(--line); border-radius: 1em; padding: 0 0.5em; font-size: 0.8em; color: var(--dim); }
.sources dt { font-weight: 600; margin-top: 0.9rem; overflow-wrap: anywhere; }
.sources dd { margin: 0.1rem 0 0; max-width: 90ch; font-size: 0.85rem; color: var(--dim); overflow-wrap: anywhere; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 0.75rem; }
@media print { .scroll, .scroll.tall { overflow: visible; max-height: none; } }
`;
