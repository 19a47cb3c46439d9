import { Trans, useLingui } from "@lingui/react/macro";
import { Kbd, Modal } from "@mantine/core";
import { useState } from "react";
import { useKeys } from "./use-keys";

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
    ["1 – 5", t`Choose a list`],
    ["/", t`Search the catalog of the portal`],
    ["?", t`This help`],
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
            <tr key={key}>
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
