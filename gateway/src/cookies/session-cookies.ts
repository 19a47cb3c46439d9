import type { IncomingHttpHeaders } from "node:http";
import type { Config } from "@weft/platform/config";
import { createConsoleOriginCheck } from "./console-origin.js";

/**
 * The optional cookies in which browsers keep the tokens of a session, out of reach of scripts. Only pages of the origins of `WEFT_COOKIE_ORIGINS`, and
 * of Weft's own origin while it serves the console, can use them. A browser adds cookies to requests that other pages cause, so a cookie counts only
 * for a request that provably comes from such a page.
 */
export interface SessionCookies {
  /** Whether any page can use the cookies. */
  readonly isEnabled: boolean;
  /** Whether the page that sends this request can use the cookies. Browsers always send its origin with the requests concerned. */
  isOwnPage(headers: IncomingHttpHeaders): boolean;
  /** As `isOwnPage`, and the request has the header that no page can send to another origin without permission. */
  isOwnRequest(headers: IncomingHttpHeaders): boolean;
  /** Returns the tokens of a request, wherever it comes from. */
  tokensOf(headers: IncomingHttpHeaders): {
    readonly access: string | undefined;
    readonly refresh: string | undefined;
    readonly device: string | undefined;
    /** Whether the login asked for cookies that end with the browser. */
    readonly endsWithBrowser: boolean;
  };
  /**
   * Returns the `Set-Cookie` headers that keep these tokens, until the browser is closed or for as long as they are valid. The device stays known in
   * either case.
   */
  keeping(tokens: {
    readonly accessToken: string;
    readonly accessTokenExpiresAt: string;
    readonly refreshToken: string;
    readonly deviceToken?: string | undefined;
    readonly endsWithBrowser: boolean;
  }): string[];
  /** Returns the `Set-Cookie` headers that remove the tokens of the session. The device stays known, whoever logs in next. */
  clearing(): string[];
}

/** Required with every request that cookies log in. Apollo's clients know it; its value does not matter. */
export const preflightHeader = "apollo-require-preflight";

/** Begins the refresh token's cookie if the cookies end with the browser, because a browser does not send how long it keeps a cookie. */
const briefly = "brief.";

/** Browsers keep no cookie for longer. When a session ends is decided by the server. */
const longestSeconds = 400 * 24 * 3600;

/**
 * Creates the cookies of an installation. In production they have the prefix `__Host-`, so that no other host of the domain can set them, and are only
 * sent over https. A demo runs over http.
 */
export function createSessionCookies(config: Pick<Config, "mode" | "cookieOrigins" | "console" | "publicOrigin">): SessionCookies {
  const { mode, cookieOrigins } = config;
  const isConsolePage = createConsoleOriginCheck(config);
  const [prefix, secure] = mode === "production" ? ["__Host-", "; Secure"] : ["", ""];
  const [accessName, refreshName, deviceName] = [`${prefix}weft_access`, `${prefix}weft_refresh`, `${prefix}weft_device`];
  /** `seconds`: null for a cookie that ends with the browser. */
  const cookie = (name: string, value: string, seconds: number | null): string =>
    `${name}=${value}; Path=/${seconds === null ? "" : `; Max-Age=${seconds}`}; HttpOnly; SameSite=Strict${secure}`;
  const isOwnPage = ({ origin, host }: IncomingHttpHeaders): boolean =>
    origin !== undefined && (cookieOrigins.includes(origin) || (isConsolePage?.(origin, host) ?? false));
  return {
    isEnabled: cookieOrigins.length > 0 || isConsolePage !== null,
    isOwnPage,
    isOwnRequest: (headers) => isOwnPage(headers) && headers[preflightHeader] !== undefined,
    tokensOf: ({ cookie: header }) => {
      const refresh = valueOf(header, refreshName);
      const endsWithBrowser = refresh?.startsWith(briefly) ?? false;
      return {
        access: valueOf(header, accessName),
        refresh: endsWithBrowser ? refresh?.slice(briefly.length) : refresh,
        device: valueOf(header, deviceName),
        endsWithBrowser,
      };
    },
    keeping: ({ accessToken, accessTokenExpiresAt, refreshToken, deviceToken, endsWithBrowser }) => [
      cookie(
        accessName,
        accessToken,
        endsWithBrowser ? null : Math.max(0, Math.floor((Date.parse(accessTokenExpiresAt) - Date.now()) / 1000)),
      ),
      endsWithBrowser ? cookie(refreshName, `${briefly}${refreshToken}`, null) : cookie(refreshName, refreshToken, longestSeconds),
      ...(deviceToken === undefined ? [] : [cookie(deviceName, deviceToken, longestSeconds)]),
    ],
    clearing: () => [cookie(accessName, "", 0), cookie(refreshName, "", 0)],
  };
}

/** Returns the value of a cookie. Undefined if it is missing, or occurs twice: then another host may have set one of them. */
function valueOf(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "").split(";").flatMap((pair) => {
    const [key, value] = pair.trim().split("=", 2);
    return key === name && value !== undefined && /^[\w.-]+$/.test(value) ? [value] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}
