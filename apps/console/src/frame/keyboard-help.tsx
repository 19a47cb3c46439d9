import { Trans, useLingui } from "@lingui/react/macro";
import { Kbd, Modal } from "@mantine/core";
import { useState } from "react";
import { isMac, useKeys } from "./use-keys";

/** The keyboard map, which `?` opens. */
export function KeyboardHelp() {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  useKeys({ "?": () => setOpen(true) });
  const keys = [
    ["J", t`Next task`],
    ["K", t`Previous task`],
    ["Enter", t`To the open task`],
    ["Esc", t`Back to the list`],
    ["C", t`Claim the task, or release it`],
    ["D", t`Delegate the task`],
    ["Q", t`Ask a question about the task`],
    ["/", t`Search the list`],
    ["1 – 5", t`Choose a list`],
    ["N", t`Notifications`],
    [isMac ? "⌘ K" : "Ctrl K", t`Search and commands`],
    ["?", t`This help`],
    ["C", t`On a request: write a comment`],
    ["H, F", t`On a request: history, files`],
    ["W", t`On a request: watch it, or stop`],
  ] as const;
  return (
    <Modal
      opened={isOpen}
      onClose={() => setOpen(false)}
      title={t`Keyboard`}
      lockScroll={false}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <table>
        <thead className="hidden">
          <tr>
            <th>
              <Trans>Key</Trans>
            </th>
            <th>
              <Trans>What it does</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map(([key, what]) => (
            <tr key={what}>
              <td style={{ paddingRight: 24 }}>
                <Kbd>{key}</Kbd>
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
