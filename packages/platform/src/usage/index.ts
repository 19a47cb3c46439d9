export { meterUsage } from "./meter.js";
export { pastWindows } from "./past-windows.js";
export { findUsage, findUsageOfTenants, type Usage } from "./usage.js";
