import { Trans } from "@lingui/react/macro";
import { useEffect, useState } from "react";

/** The entry's file name contains a hash of what it was built from. */
const entryOf = (html: string): string | null => /<script type="module"[^>]*src="([^"]+)"/.exec(html)?.[1] ?? null;

async function isNewerServed(): Promise<boolean> {
  const own = document.querySelector<HTMLScriptElement>('script[type="module"]');
  const response = await fetch(import.meta.env.BASE_URL, { cache: "no-store" });
  const served = response.ok ? entryOf(await response.text()) : null;
  return own !== null && served !== null && new URL(served, location.href).href !== own.src;
}

/** During an update, servers of both versions can answer: then a page that reloads by itself must not do so all the time. */
const reloadMs = 60_000;

interface NewerVersionProps {
  readonly isBehind: boolean;
  /** Whether nobody is there to reload the page, so that it reloads by itself. */
  readonly isUnattended?: boolean;
}

/** Says that Weft was updated while the console was open. Asked after each reconnect, because an update restarts the server. */
export function NewerVersion({ isBehind, isUnattended = false }: NewerVersionProps) {
  const [isNewer, setNewer] = useState(false);
  useEffect(() => {
    if (isBehind || isNewer) return;
    // Without an answer, the next reconnect asks again.
    isNewerServed().then(setNewer, () => undefined);
  }, [isBehind, isNewer]);
  useEffect(() => {
    if (!isNewer || !isUnattended) return undefined;
    const timer = setTimeout(() => location.reload(), reloadMs);
    return () => clearTimeout(timer);
  }, [isNewer, isUnattended]);
  return (
    <p role="status" className={isNewer ? "newer" : "hidden"}>
      {isNewer && (
        <>
          <Trans>A newer version is available.</Trans>{" "}
          <button type="button" className="link" onClick={() => location.reload()}>
            <Trans>Reload</Trans>
          </button>
        </>
      )}
    </p>
  );
}
