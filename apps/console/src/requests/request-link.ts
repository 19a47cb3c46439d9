/** Where the page of a request is. */
export const requestPath = (id: string) => `/requests/${id}` as "/requests";
