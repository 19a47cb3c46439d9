export { pastChallenges, pastGatewayReports, pastPendingLogins } from "./past-pending-logins.js";
export { surplusPasswords } from "./surplus-passwords.js";
