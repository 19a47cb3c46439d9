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
    ["J", t`Next task or request`],
    ["K", t`Previous task or request`],
    ["Enter", t`To the open task, or opens the request`],
    ["Esc", t`Back to the list`],
    ["C", t`Claim the task, or release it`],
    ["1 – 5", t`Choose a list`],
    ["X", t`Requests: select the row`],
    ["Shift J, Shift K", t`Requests: select the next row, or the previous one`],
    ["/", t`Requests: search`],
    ["F", t`Requests: add a filter`],
    ["B", t`Requests: list or board`],
    ["H, L", t`Board: column to the left or to the right`],
    ["M", t`Board: move the request`],
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
              <td style={{ paddingRight: 24, whiteSpace: "nowrap" }}>
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
