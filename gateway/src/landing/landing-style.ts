/** Type and colours of the demo's and the links' pages, for light and dark schemes and widths from 320 px. Uses only system fonts. */
export const baseStyle = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --ink: #1c1b19; --soft: #5c5953; --line: #dedad1; --accent: #a80f6a; --hover: #f2efe8;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #161513; --ink: #edeae3; --soft: #a8a399; --line: #35322d; --accent: #f58fc9; --hover: #22201d; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 Charter, "Bitstream Charter", "Iowan Old Style", Georgia, serif; }
main { max-width: 46rem; margin: 0 auto; padding: clamp(2.5rem, 8vw, 6rem) clamp(1.25rem, 5vw, 2rem) 4rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1.5rem; font-size: clamp(2.6rem, 9vw, 4rem); font-weight: 400; line-height: 1; letter-spacing: -0.03em; }
h2 { margin: 3.5rem 0 0.25rem; font-size: 1.3rem; font-weight: 600; letter-spacing: -0.01em; }
h3 { margin: 1.5rem 0 0.5rem; }
p { margin: 0 0 1rem; max-width: 38rem; }
.lead { font-size: 1.25rem; line-height: 1.5; }
.soft, h3, .can, footer { color: var(--soft); }
h3, .can, code, nav, button, output, footer { font-family: ui-sans-serif, system-ui, sans-serif; font-size: 0.875rem; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.85em; }
h3 { font-weight: 500; }
a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
output { display: block; color: var(--accent); }
output:empty { display: none; }
`;

/** Style sheet of the landing page. */
export const landingStyle = `${baseStyle}main { max-width: 54rem; }
nav { margin: 2rem 0 0; }
nav ul, .people { margin: 0; padding: 0; list-style: none; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; }
.people { border-top: 1px solid var(--line); }
.people li { border-bottom: 1px solid var(--line); }
.people li { display: grid; grid-template-columns: 11rem 1fr auto; gap: 0 1.5rem; align-items: center; padding: 0.7rem 0.5rem; line-height: 1.45; }
.name, .login { display: block; }
.name { font-weight: 600; }
.buttons { display: flex; gap: 0.5rem; }
.people button {
  min-height: 2.25rem; padding: 0.25rem 0.75rem; border: 1px solid var(--line); border-radius: 4px; background: none; color: inherit; line-height: 1.3;
  cursor: pointer;
}
.people button[data-opens="console"] { border-color: var(--accent); color: var(--accent); font-weight: 600; }
.people button:hover { background: var(--hover); }
.people button:disabled { cursor: progress; opacity: 0.6; }
summary { margin: 1rem 0; cursor: pointer; color: var(--soft); font: 500 0.875rem ui-sans-serif, system-ui, sans-serif; }
footer { margin-top: 4rem; }
@media (max-width: 40rem) {
  .people li { grid-template-columns: 1fr; padding: 0.9rem 0; }
  .buttons { margin-top: 0.6rem; }
  .people button { flex: 1 1 auto; min-height: 2.75rem; }
}
`;
