import { type PageServer, servePage } from "../browser/serve-page.js";
import { beaconTransitions } from "../tenants/beacon.js";
import { bundleForBrowser, clientEntry } from "./bundle-client.js";

const script = (url: string): string => `
  import { createWeftClient } from ${JSON.stringify(clientEntry)};
  window.renewals = 0;
  window.weft = createWeftClient({
    url: ${JSON.stringify(url)},
    fetch: (to, init) => {
      if (String(init.body).includes("refreshSession")) window.renewals++;
      return fetch(to, init);
    },
  });
  Object.assign(window, { versions: [], statuses: [], errors: [] });
  window.follow = (instanceId) => weft.subscribe(${JSON.stringify(beaconTransitions)}, { instanceId }, {
    next: ({ workflowTransitioned }) => versions.push(workflowTransitioned.version),
    status: (status) => statuses.push(status),
    error: (error) => errors.push(error.name),
  });
`;

/**
 * Serves a page with a client, `weft`, of the Weft at this URL. Its `follow(instanceId)` notes what it is told about the instance: `versions`,
 * `statuses`, and the names of `errors`. A frame of the page is another tab to the client: it shares storage and locks.
 */
export async function serveFollower(weftUrl: string): Promise<PageServer> {
  return servePage({
    "/": '<!doctype html><title>Page</title><script type="module" src="/page.js"></script>',
    "/page.js": await bundleForBrowser(script(weftUrl), { minify: false }),
  });
}
