export { envExample } from "./env-example.js";
export { generatedPages } from "./pages.js";
