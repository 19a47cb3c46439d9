export { decrypt, encrypt } from "./aes-gcm.js";
export { personKeyring, type PersonKeyring, unreadable } from "./keyring.js";
