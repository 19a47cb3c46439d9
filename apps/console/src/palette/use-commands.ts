import { useLingui } from "@lingui/react/macro";
import { useMantineColorScheme } from "@mantine/core";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useViewer, can } from "../frame/viewer";
import { chooseLocale, locales, type Locale } from "../formats/locale";
import { queueNames, queues } from "../inbox/queues";
import { weft } from "../weft";

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly run: () => void;
}

/** The pages of the console that the user can open, and what can be done everywhere. */
export function useCommands(): { readonly pages: readonly Command[]; readonly actions: readonly Command[] } {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const router = useRouter();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const inbox = queueNames.map((name) => ({
    id: `inbox-${name}`,
    title: t`Inbox: ${i18n._(queues[name].title)}`,
    run: () => void navigate({ to: "/inbox", search: name === "all" ? {} : { queue: name } }),
  }));
  const others = [
    { path: "/requests", title: t`Requests`, permission: "request.read" },
    { path: "/requests/board", title: t`Board of requests`, permission: "request.read" },
    { path: "/portal", title: t`Request something`, permission: "request.create" },
    { path: "/dashboard", title: t`Dashboard`, permission: "workflow.read" },
    { path: "/account", title: t`Your account`, permission: null },
    { path: "/account/security", title: t`Security of your account`, permission: null },
  ]
    .filter(({ path, permission }) => path in router.routesByPath && (permission === null || can(viewer, permission)))
    .map(({ path, title }) => ({ id: path, title, run: () => void navigate({ to: path } as never) }));
  const schemes = [
    ["light", t`Colors: light`],
    ["dark", t`Colors: dark`],
    ["auto", t`Colors: as the system`],
  ] as const;
  return {
    pages: [...(viewer?.type === "VENDOR" ? [] : inbox), ...others],
    actions: [
      ...schemes.map(([scheme, title]) => ({ id: `colors-${scheme}`, title, run: () => setColorScheme(scheme) })),
      ...(Object.keys(locales) as Locale[]).map((locale) => ({
        id: `language-${locale}`,
        title: t`Language: ${locales[locale]}`,
        run: () => void chooseLocale(locale, { isKept: true }),
      })),
      { id: "log-out", title: t`Log out`, run: () => void weft.session.logOut().catch(() => undefined) },
    ],
  };
}
