/** Types of business objects whose workflow an instance can be. */
export const businessTypes = ["request", "project", "vendor", "asset", "building", "contract", "scopeChange", "milestone"] as const;

export const isBusinessType = (type: string): boolean => businessTypes.some((one) => one === type);
