export { servicesWithoutDatabase } from "./fixtures.js";
