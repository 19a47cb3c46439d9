export { chaos } from "#chaos";
