/** The part of a browser that a login needs: it follows redirects, and keeps cookies by host. */
export class Browser {
  readonly cookies = new Map<string, Map<string, string>>();
  readonly #resolve: (url: string) => string;

  /** @param resolve returns where an address really is */
  constructor(resolve: (url: string) => string) {
    this.#resolve = resolve;
  }

  /** Requests a page without following redirects. */
  async request(url: string): Promise<Response> {
    const jar = this.#jarOf(url);
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") };
    return this.#keepCookies(jar, await fetch(this.#resolve(url), { redirect: "manual", headers }));
  }

  /** Sends a form of another site's page, without following redirects. No cookie is sent: all of them are SameSite=Lax. */
  async submit(url: string, form: URLSearchParams): Promise<Response> {
    const headers = { origin: "null", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    return this.#keepCookies(
      this.#jarOf(url),
      await fetch(this.#resolve(url), { method: "POST", headers, body: form, redirect: "manual" }),
    );
  }

  #jarOf(url: string): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.cookies.get(host) ?? new Map<string, string>();
    this.cookies.set(host, jar);
    return jar;
  }

  #keepCookies(jar: Map<string, string>, response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const [name = "", ...value] = pair.split("=");
      const isGone = attributes.some((each) => each.trim().toLowerCase() === "max-age=0" || /expires=thu, 01 jan 1970/i.test(each));
      if (isGone) jar.delete(name);
      else jar.set(name, value.join("="));
    }
    return response;
  }

  /** Follows redirects until one leads to an address that starts with one of these, which is not requested. */
  async visit(url: string, until: readonly string[]): Promise<{ readonly url: string; readonly response: Response | null }> {
    let at = url;
    for (let step = 0; step < 10; step += 1) {
      if (step > 0 && until.some((start) => at.startsWith(start))) return { url: at, response: null };
      const response = await this.request(at);
      const location = response.headers.get("location");
      if (location === null) return { url: at, response };
      at = new URL(location, at).href;
    }
    throw new Error(`Too many redirects, the last one to ${at}.`);
  }
}
