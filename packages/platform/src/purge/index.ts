export { purgeTenant, startPurger } from "./purger.js";
