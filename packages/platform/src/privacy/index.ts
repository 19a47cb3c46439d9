export { personKeyring, type PersonKeyring, unreadable } from "./keyring.js";
