// The style sheet of the grid's page: light and dark by the reader's own setting, readable when printed.

/** CSS. */
export const GRID_STYLE: string = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #16181b);
  --card: light-dark(#ffffff, #1e2125);
  --ink: light-dark(#1d2126, #e7e5df);
  --quiet: light-dark(#616973, #9aa1aa);
  --line: light-dark(#e2dfd6, #33373d);
  --direct: light-dark(#1f8a4c, #4cc38a);
  --predicted: light-dark(#0e7f92, #3fc1d6);
  --birthday: light-dark(#5b4fc4, #a79cf5);
  --relayed: light-dark(#b06a00, #e2a94a);
  --failed: light-dark(#c03030, #f07a74);
  --disputed: light-dark(#6b6b6b, #a8a8a8);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  padding: 2.5rem clamp(1rem, 4vw, 3rem) 4rem;
  max-width: 110rem;
  background: var(--paper);
  color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: clamp(1.6rem, 4vw, 2.4rem); line-height: 1.15; letter-spacing: -0.02em; }
h2 { margin: 3rem 0 0.75rem; font-size: 1.25rem; }
p { max-width: 46rem; }
.quiet { color: var(--quiet); font-size: 0.9rem; }
.sum { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; margin: 1.75rem 0; }
.sum section { padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 0.75rem; background: var(--card); }
.sum h2 { margin: 0; font-size: 1rem; font-weight: 600; }
.sum strong { display: block; font-size: 2rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.bar { display: flex; height: 0.6rem; margin-top: 0.6rem; border-radius: 1rem; overflow: hidden; background: var(--line); }
.bar i { background: var(--hue); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.75rem; background: var(--card); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.grid { font-size: 0.78rem; }
.grid th, .grid td { padding: 0.3rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.grid thead th { position: sticky; top: 0; background: var(--card); text-align: left; padding-left: 0.55rem; }
.grid tbody th { position: sticky; left: 0; z-index: 1; background: var(--card); text-align: right; white-space: nowrap; }
.grid tr:last-child > * { border-bottom: 0; }
.chip {
  display: flex;
  justify-content: space-between;
  gap: 0.5rem;
  min-width: 6.6rem;
  padding: 0.12rem 0.4rem;
  border-left: 0.28rem solid var(--hue);
  border-radius: 0.25rem;
  background: color-mix(in srgb, var(--hue) 14%, transparent);
  white-space: nowrap;
}
.chip b { color: var(--hue); font-weight: 650; }
.chip.stock { margin-top: 0.2rem; opacity: 0.72; background: none; }
.chip.odd { outline: 2px solid var(--failed); outline-offset: -1px; }
.direct { --hue: var(--direct); }
.predicted { --hue: var(--predicted); }
.birthday { --hue: var(--birthday); }
.relayed { --hue: var(--relayed); }
.failed { --hue: var(--failed); }
.disputed { --hue: var(--disputed); }
.words { width: 100%; font-size: 0.92rem; }
.words th, .words td { padding: 0.5rem 0.9rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
.words tr:last-child > * { border-bottom: 0; }
.words th { white-space: nowrap; }
.key { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; padding: 0; list-style: none; }
.key li { display: flex; align-items: center; gap: 0.5rem; }
.key i { width: 0.9rem; height: 0.9rem; border-radius: 0.25rem; background: var(--hue); }
.odd-list li { color: var(--failed); }
@media print { .scroll { overflow: visible; } }
`
