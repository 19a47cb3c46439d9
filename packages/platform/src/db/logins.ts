/** Database roles that Weft's processes log in with. */
export type LoginRole = "app" | "worker" | "auth";

/** Names that the pools log in with. */
export type Logins = Readonly<Partial<Record<LoginRole, string>>>;
