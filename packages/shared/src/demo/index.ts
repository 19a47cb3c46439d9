export { type DemoLogin, demoLogins, demoPassword, demoTenants } from "./demo-logins.js";
