export { aCall, aViewer } from "./calls.js";
