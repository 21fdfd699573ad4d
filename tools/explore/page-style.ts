/** The style sheet of an exploration's page: follows the reader's light or dark setting. */

export const pageStyle = `
:root { color-scheme: light dark; --dim: #666; --line: #ccc; --front: #c2410c; --other: #94a3b8; --cell: 194 65 12; }
@media (prefers-color-scheme: dark) { :root { --dim: #9aa; --line: #444; --front: #fb923c; --other: #64748b; --cell: 251 146 60; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.dim { color: var(--dim); }
form { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: center; }
select, button { font: inherit; }
svg { max-width: 100%; height: auto; overflow: visible; }
#table, #sensitivity { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .87rem; }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
td:first-child, th:first-child { text-align: left; }
tr.on td { font-weight: 600; }
`;
