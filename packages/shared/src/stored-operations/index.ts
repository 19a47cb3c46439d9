export { type ManifestDocument, readManifest, storedIdOf } from "./read-manifest.js";
