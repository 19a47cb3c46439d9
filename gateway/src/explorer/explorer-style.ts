/** Style sheet for what the explorer adds to GraphiQL: the bar with the login, the list of examples, and the stacked panes on narrow windows. */
export const explorerStyle = `
body {
  --weft-paper: #ffffff; --weft-ink: #2c3442; --weft-soft: #5b6474; --weft-line: #dfe3ea; --weft-accent: #a80f6a; --weft-hover: #f4f1f5;
  color-scheme: light; display: flex; flex-direction: column; height: 100vh; height: 100dvh; overflow: hidden;
}
body.graphiql-dark {
  --weft-paper: #1a2230; --weft-ink: #e4e8ef; --weft-soft: #aab3c2; --weft-line: #364153; --weft-accent: #ff9ccd; --weft-hover: #2a3446; color-scheme: dark;
}
@media (prefers-color-scheme: dark) {
  body:not(.graphiql-light) {
    --weft-paper: #1a2230; --weft-ink: #e4e8ef; --weft-soft: #aab3c2; --weft-line: #364153; --weft-accent: #ff9ccd; --weft-hover: #2a3446; color-scheme: dark;
  }
}
#ruru-root { flex: 1; min-height: 0; height: auto; }
.weft-bar {
  display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.25rem; padding: 0.5rem 1rem; border-bottom: 1px solid var(--weft-line);
  background: var(--weft-paper); color: var(--weft-ink); font: 14px/1.4 ui-sans-serif, system-ui, sans-serif;
}
.weft-bar a { color: var(--weft-accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
.weft-bar .weft-name { color: inherit; font: 20px/1 Charter, "Bitstream Charter", "Iowan Old Style", Georgia, serif; letter-spacing: -0.02em; text-decoration: none; }
#weft-user { margin-left: auto; }
#weft-note { margin: 0; padding: 0.5rem 1rem; border-bottom: 1px solid var(--weft-line); background: var(--weft-hover); color: var(--weft-ink); font: 14px/1.4 ui-sans-serif, system-ui, sans-serif; }
#weft-note:empty { display: none; }
.graphiql-logo, .ruru-footer { display: none; }
.graphiql-container { background: var(--weft-paper); }
.weft-examples { color: var(--weft-ink); font: 14px/1.4 ui-sans-serif, system-ui, sans-serif; }
.weft-examples h2 { margin: 0 0 0.75rem; font-size: 1.1rem; font-weight: 600; }
.weft-examples summary { padding: 0.4rem 0; color: var(--weft-soft); cursor: pointer; }
.weft-examples ul { margin: 0 0 0.5rem; padding: 0; list-style: none; }
.weft-examples button {
  display: flex; align-items: baseline; justify-content: space-between; gap: 0.75rem; width: 100%; padding: 0.35rem 0.6rem 0.35rem 1rem; border: 0; border-radius: 4px;
  background: none; color: inherit; font: inherit; text-align: left; cursor: pointer;
}
.weft-examples button:hover { background: var(--weft-hover); }
.weft-find {
  box-sizing: border-box; width: 100%; margin: 0 0 0.5rem; padding: 0.4rem 0.6rem; border: 1px solid var(--weft-line); border-radius: 4px; background: var(--weft-paper);
  color: inherit; font: inherit;
}
.weft-kind { color: var(--weft-soft); font-size: 12px; }
.weft-bar :focus-visible, .weft-examples :focus-visible { outline: 2px solid var(--weft-accent); outline-offset: 1px; }
@media (max-width: 760px) {
  #weft-user { order: 1; width: 100%; margin: 0; }
  .graphiql-container { flex-direction: column; }
  .graphiql-container .graphiql-sidebar { flex-direction: row; width: auto; padding: 0.25rem 0.5rem; }
  .graphiql-container .graphiql-sidebar > button:nth-last-child(3) { margin: 0 0 0 auto !important; }
  .graphiql-container .graphiql-main { position: relative; min-height: 0; }
  .graphiql-container .graphiql-horizontal-drag-bar { display: none; }
  .graphiql-container .graphiql-plugin:not([style*="-1000px"]) {
    position: absolute !important; inset: 0; z-index: 6; max-width: none; min-width: 0 !important; overflow: auto; background: var(--weft-paper);
  }
  .graphiql-container .graphiql-sessions { min-width: 0; margin: 0; }
  .graphiql-container #graphiql-session { flex-direction: column; }
  .graphiql-container .graphiql-editors, .graphiql-container .graphiql-response { flex: 1 1 0 !important; min-height: 0; }
}
`;
