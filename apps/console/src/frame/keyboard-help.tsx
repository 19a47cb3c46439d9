import { useState } from "react";
import { LazyPart, lazyPart } from "../parts/lazy-part";
import { useKeys } from "./use-keys";

// Dialogs and their texts are not part of the first load.
const KeyboardDialog = lazyPart(async () => (await import("./keyboard-map")).KeyboardDialog);

/** The keyboard map, which `?` opens. */
export function KeyboardHelp() {
  const [isOpen, setOpen] = useState(false);
  useKeys({ "?": () => setOpen(true) });
  return (
    isOpen && (
      <LazyPart>
        <KeyboardDialog onClose={() => setOpen(false)} />
      </LazyPart>
    )
  );
}
