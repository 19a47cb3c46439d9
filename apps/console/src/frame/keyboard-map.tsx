import { Trans, useLingui } from "@lingui/react/macro";
import { Kbd, Modal } from "@mantine/core";
import { isMac } from "./use-keys";

/** The keyboard map as a dialog. */
export function KeyboardDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Modal opened onClose={onClose} title={t`Keyboard`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <KeyboardMap />
    </Modal>
  );
}

/** What each key does. */
export function KeyboardMap() {
  const { t } = useLingui();
  const parts = [
    {
      part: t`Everywhere`,
      keys: [
        [isMac ? "⌘ K" : "Ctrl K", t`Search and commands`],
        ["N", t`Notifications`],
        ["?", t`This help`],
      ],
    },
    {
      part: t`Lists`,
      keys: [
        ["J, K", t`Next row, previous row`],
        ["Enter", t`Opens the row`],
        ["Esc", t`Back to the list`],
        ["/", t`Searches the list`],
        ["1 – 5", t`Chooses a list of the inbox`],
      ],
    },
    {
      part: t`Task`,
      keys: [
        ["C", t`Claims the task, or releases it`],
        ["D", t`Delegates the task`],
        ["Q", t`Asks a question about the task`],
      ],
    },
    {
      part: t`Requests`,
      keys: [
        ["X", t`Selects the row`],
        ["Shift J, Shift K", t`Selects the next row, the previous row`],
        ["F", t`Adds a filter`],
        ["B", t`List or board`],
        ["H, L", t`Board: the column to the left, to the right`],
        ["M", t`Board: moves the request`],
      ],
    },
    {
      part: t`One request`,
      keys: [
        ["C", t`Writes a comment`],
        ["H, F", t`History, files`],
        ["W", t`Watches it, or stops`],
      ],
    },
    {
      part: t`Audit trail`,
      keys: [
        ["F", t`Adds a filter`],
        ["R", t`Loads the newest entries`],
      ],
    },
    {
      part: t`Compliance reports`,
      keys: [
        ["C", t`Creates a report`],
        ["F", t`Adds a filter`],
        ["R", t`Loads the reports again`],
      ],
    },
    {
      part: t`Privacy`,
      keys: [
        ["C", t`Creates a privacy request`],
        ["F", t`Adds a filter`],
        ["R", t`Loads the requests again`],
      ],
    },
    { part: t`Dashboard`, keys: [["W", t`Wall mode`]] },
  ] as const;
  return (
    <table className="keys">
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
      {parts.map(({ part, keys }) => (
        <tbody key={part}>
          <tr>
            <th colSpan={2} scope="rowgroup">
              {part}
            </th>
          </tr>
          {keys.map(([key, what]) => (
            <tr key={key}>
              <td>
                <Kbd>{key}</Kbd>
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}
