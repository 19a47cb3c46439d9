export { chaos, isArmable } from "#chaos";
