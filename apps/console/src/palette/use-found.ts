import { useLingui } from "@lingui/react/macro";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { WeftError } from "@weft/client";
import { useWeft } from "@weft/react";
import { useEffect, useState } from "react";
import { can, useViewer } from "../frame/viewer";
import type { ConsolePaletteQuery } from "../gql/graphql";
import { placeOf } from "../parts/object-place";
import { requestTitle } from "../parts/request-title";
import { paletteQuery } from "./palette-operations";
import type { Command } from "./use-commands";
import type { Recent } from "./use-recent";

interface Found {
  readonly words: string;
  readonly data: ConsolePaletteQuery | null;
  readonly error: WeftError | null;
}

/** Shorter texts match nearly everything. */
const fewest = 2;
const typingMs = 150;

/** Objects that match, grouped by their kind, while the user types. @param onOpened called with the object that was chosen */
export function useFound(words: string, onOpened: (object: Recent) => void) {
  const { t } = useLingui();
  const client = useWeft();
  const viewer = useViewer();
  const router = useRouter();
  const navigate = useNavigate();
  const [found, setFound] = useState<Found>({ words: "", data: null, error: null });
  const isWanted = words.length >= fewest;
  /** Only what can be opened: the user may read it, and the console has a page for it. */
  const has = (typename: string, permission: string): boolean =>
    can(viewer, permission) && placeOf(router, viewer, { __typename: typename, id: "" }) !== null;
  useEffect(() => {
    if (!isWanted) return undefined;
    const ended = new AbortController();
    const kinds = {
      tasks: has("Task", "task.read"),
      requests: has("Request", "request.read"),
      projects: has("Project", "project.read"),
      vendors: has("Vendor", "vendor.read"),
      assets: has("Asset", "asset.read"),
      users: has("User", "user.read"),
    };
    const search = async (): Promise<void> => {
      try {
        // One kind that fails does not hide the others.
        const { data, errors } = await client.execute(paletteQuery, { words, ...kinds }, { signal: ended.signal });
        setFound({ words, data: data ?? null, error: errors[0] ?? null });
      } catch (problem) {
        if (ended.signal.aborted) return;
        if (!(problem instanceof WeftError)) throw problem;
        setFound({ words, data: null, error: problem });
      }
    };
    const timer = setTimeout(() => void search(), typingMs);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [client, words, isWanted]);

  const command = (object: Recent): Command[] => {
    const place = placeOf(router, viewer, object);
    if (place === null) return [];
    const run = (): void => {
      onOpened(object);
      void navigate(place);
    };
    return [{ id: object.id, title: object.title, detail: object.detail, run }];
  };
  const data = isWanted ? found.data : null;
  const of = <Node>(list: { readonly edges: readonly { readonly node: Node }[] } | null | undefined, entry: (node: Node) => Recent) =>
    list?.edges.flatMap(({ node }) => command(entry(node))) ?? [];
  const named = ({ __typename, id, name, detail }: { __typename: string; id: string; name: string; detail: string }): Recent => ({
    __typename,
    id,
    title: name,
    detail,
  });
  const groups = [
    {
      title: t`Tasks`,
      commands: of(data?.tasks, ({ __typename, id, title, instance }) => ({ __typename, id, title, detail: instance?.stateTitle })),
    },
    {
      title: t`Requests`,
      commands: of(data?.requests, ({ __typename, id, number, type, data: values }) => ({
        __typename,
        id,
        title: [number, requestTitle(values, null)].filter(Boolean).join(" "),
        detail: type?.name,
      })),
    },
    { title: t`Projects`, commands: of(data?.projects, ({ code, ...rest }) => named({ ...rest, detail: code })) },
    { title: t`Vendors`, commands: of(data?.vendors, ({ code, ...rest }) => named({ ...rest, detail: code })) },
    { title: t`Assets`, commands: of(data?.assets, ({ tag, ...rest }) => named({ ...rest, detail: tag })) },
    { title: t`Users`, commands: of(data?.users, ({ email, ...rest }) => named({ ...rest, detail: email })) },
  ];
  return { groups, isLoading: isWanted && found.words !== words, error: isWanted ? found.error : null };
}
