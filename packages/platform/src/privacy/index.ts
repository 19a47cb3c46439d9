export { decrypt, encrypt } from "./aes-gcm.js";
export { erased, isSealed, personKeyring, type PersonKeyring, unreadable } from "./keyring.js";
