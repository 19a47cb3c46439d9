import "@mantine/spotlight/styles.css";
import "./palette.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { ErrorMessage } from "@weft/react";
import { useEffect, useLayoutEffect, useState } from "react";
import { useCommands, type Command } from "./use-commands";
import { useFound } from "./use-found";
import { useRecent } from "./use-recent";

const [store, spotlight] = createSpotlight();

/** Whether all words that were typed are in a command's title. */
const matches = ({ title }: Command, typed: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => title.toLowerCase().includes(word));

/** Goes to a page or an object, and runs commands. Everything works by typing, arrow keys and Enter. */
export function Palette({ opened }: { /** Opens at each change. */ readonly opened: number }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState("");
  useEffect(() => spotlight.open(), [opened]);
  const words = typed.trim();
  const commands = useCommands();
  const recent = useRecent();
  const found = useFound(words, recent.add);
  const groups = [
    { title: t`Recent`, commands: words === "" ? recent.commands : [] },
    ...found.groups,
    { title: t`Pages`, commands: commands.pages.filter((one) => matches(one, words)) },
    { title: t`Commands`, commands: commands.actions.filter((one) => matches(one, words)) },
  ].filter((group) => group.commands.length > 0);
  // Spotlight selects the first entry after each key, but not when what was found comes later. Enter works as soon as it is drawn.
  useLayoutEffect(() => {
    const list = words === "" ? null : document.getElementById(store.getState().listId);
    if (!list || list.querySelector("[data-selected]")) return;
    list.querySelector("[data-action]")?.setAttribute("data-selected", "true");
    store.updateState((state) => ({ ...state, selected: 0 }));
  });
  return (
    <Spotlight.Root
      store={store}
      query={typed}
      onQueryChange={setTyped}
      shortcut={null}
      lockScroll={false}
      scrollable
      maxHeight={440}
      // A label of the root would not be that of the dialog.
      attributes={{ content: { "aria-label": t`Search and commands` } }}
    >
      <Spotlight.Search placeholder={t`Search, or go to…`} aria-label={t`Search, or go to…`} />
      <Spotlight.ActionsList>
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group.title} label={group.title}>
            {group.commands.map(({ id, title, detail, run }) => (
              <Spotlight.Action
                key={id}
                label={title}
                {...(detail !== undefined && { description: detail })}
                data-command={id}
                onClick={run}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && (
          <Spotlight.Empty>{found.isLoading ? <Trans>Searching…</Trans> : <Trans>Nothing matches what you typed.</Trans>}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
      <ErrorMessage error={found.error} />
    </Spotlight.Root>
  );
}
