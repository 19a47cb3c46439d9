import { Trans } from "@lingui/react/macro";
import { Kbd } from "@mantine/core";
import { useEffect, useState } from "react";
import { isMac } from "../frame/use-keys";
import { LazyPart, lazyPart } from "../parts/lazy-part";

const Palette = lazyPart(async () => (await import("./palette")).Palette);

/** Opens the command palette, as Ctrl-K does everywhere. It is loaded when it is opened for the first time. */
export function PaletteButton() {
  const [opened, setOpened] = useState(0);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
      if (key.toLowerCase() !== "k" || !(isMac ? metaKey : ctrlKey) || altKey || shiftKey) return;
      // Some browsers search the web with it.
      event.preventDefault();
      setOpened((times) => times + 1);
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return (
    <>
      <button type="button" className="tool find" aria-haspopup="dialog" onClick={() => setOpened((times) => times + 1)}>
        <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
          <circle cx="9" cy="9" r="5" />
          <path d="m13 13 4 4" />
        </svg>
        <span className="words">
          <Trans>Search</Trans>
        </span>
        <Kbd aria-hidden="true" size="xs">
          {isMac ? "⌘ K" : "Ctrl K"}
        </Kbd>
      </button>
      {opened > 0 && (
        <LazyPart>
          <Palette opened={opened} />
        </LazyPart>
      )}
    </>
  );
}
