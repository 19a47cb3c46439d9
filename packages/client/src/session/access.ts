/** What a request is sent with, so that Weft knows whose it is. */
export interface Access {
  /** Identifies the login. What a user has asked for must not be sent with the access of the next one. Null: nobody is logged in. */
  readonly sessionKey: string | null;
  /** Changes when it is renewed. Null: nobody is logged in. */
  readonly id: string | null;
  /** Value of the header `authorization`, and of the member of connection_init. */
  readonly authorization: string | null;
  /** Whether the browser sends cookies. */
  readonly isCookie: boolean;
}

export interface Authenticator {
  /**
   * Returns what to send next, renewed if it is about to expire.
   *
   * @param refused what Weft has just refused: it is renewed whatever the clock says
   * @throws NetworkError if it must be renewed, and Weft cannot be reached. The session may still be valid
   */
  access(refused?: Access): Promise<Access>;
}

export const anonymous: Access = { sessionKey: null, id: null, authorization: null, isCookie: false };

const bearer = (token: string): Access => ({ sessionKey: "fixed", id: token, authorization: `Bearer ${token}`, isCookie: false });

/** An API key, or the access token of somebody else's request: nothing renews it here. */
export const fixedAccess = (token: string | (() => string | Promise<string>)): Authenticator => ({
  access: async () => bearer(typeof token === "string" ? token : await token()),
});

/** Headers of a request. A page of another origin can set the second one only with permission, which protects cookies. */
export const headersOf = ({ authorization, isCookie }: Access): Record<string, string> => ({
  ...(authorization !== null && { authorization }),
  ...(isCookie && { "apollo-require-preflight": "1" }),
});
