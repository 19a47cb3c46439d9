/** Path of the API for applications of vendors. */
export const vendorPortalPath = "/vendor-portal/graphql";

/** Path of its explorer. */
export const vendorPortalPage = "/vendor-portal";

/** Path of the API of a configured variant. */
export const variantPath = (name: string): string => `/variants/${name}/graphql`;
