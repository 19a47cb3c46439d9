/**
 * `@weft/client`: sessions, typed operations, live updates that resume, and files, for browsers and Node.js, without a framework.
 */
export { createWeftClient } from "./client.js";
export type { RequestOptions, WeftClient, WeftClientOptions } from "./client.js";
export type { Answer } from "./requests/answer.js";
export { updateLatest, type UpdateOptions } from "./conflicts.js";
export type { GraphQLDocument, JsonObject, Print, TypedDocument } from "./document.js";
export * from "./errors.js";
export { downloadFile, type Downloaded } from "./files/download.js";
export { uploadFile, type Upload, type UploadOptions, type UploadProgress } from "./files/upload.js";
export type { LiveObserver, LiveStatus } from "./live/live.js";
export { nodesOf, type Connection, type PagesOptions } from "./pages.js";
export type { DirectoryGrant, Grant, PasskeyGrant, PasswordGrant, SecondFactorGrant, SingleSignOnGrant, Tokens } from "./session/grant.js";
export { askForPasskey, createPasskey } from "./session/passkey.js";
export { sessionKeyOf, type Session, type SessionEnd, type SessionState } from "./session/session.js";
export { singleSignOnGrant, startSingleSignOn, type StartSingleSignOn } from "./session/single-sign-on.js";
export { defaultStore, localStore, memoryStore, type SessionStore } from "./session/store.js";
