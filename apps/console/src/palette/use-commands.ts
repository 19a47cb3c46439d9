import { useLingui } from "@lingui/react/macro";
import { useMantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { canWatch } from "../dashboard/can-watch";
import { seesAudit, seesPrivacy, seesReports, usesInbox, usesPortal } from "../frame/home";
import { can, useViewer } from "../frame/viewer";
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
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const inbox = queueNames.map((name) => ({
    id: `inbox-${name}`,
    title: t`Inbox: ${i18n._(queues[name].title)}`,
    run: () => void navigate({ to: "/inbox", search: name === "all" ? {} : { queue: name } }),
  }));
  const isVendor = viewer?.type === "VENDOR";
  const seesRequests = !isVendor && can(viewer, "request.read");
  const others = [
    { id: "work", title: t`Work`, isFor: isVendor, run: () => void navigate({ to: "/vendor" }) },
    { id: "offers", title: t`Offers`, isFor: isVendor, run: () => void navigate({ to: "/vendor/offers" }) },
    { id: "documents", title: t`Documents`, isFor: isVendor, run: () => void navigate({ to: "/vendor/documents" }) },
    { id: "requests", title: t`Requests`, isFor: seesRequests, run: () => void navigate({ to: "/requests" }) },
    {
      id: "board",
      title: t`Board of requests`,
      isFor: seesRequests && can(viewer, "definition.read"),
      run: () => void navigate({ to: "/requests", search: { layout: "board" } }),
    },
    { id: "portal", title: t`Request something`, isFor: usesPortal(viewer), run: () => void navigate({ to: "/portal" }) },
    { id: "dashboard", title: t`Dashboard`, isFor: canWatch(viewer), run: () => void navigate({ to: "/dashboard" }) },
    { id: "audit", title: t`Audit trail`, isFor: seesAudit(viewer), run: () => void navigate({ to: "/audit" }) },
    { id: "reports", title: t`Compliance reports`, isFor: seesReports(viewer), run: () => void navigate({ to: "/reports" }) },
    { id: "privacy", title: t`Privacy`, isFor: seesPrivacy(viewer), run: () => void navigate({ to: "/privacy" }) },
    { id: "account", title: t`Your account`, isFor: true, run: () => void navigate({ to: "/account" }) },
    { id: "security", title: t`Security of your account`, isFor: true, run: () => void navigate({ to: "/account/security" }) },
    {
      id: "notification-preferences",
      title: t`What you are notified about`,
      isFor: true,
      run: () => void navigate({ to: "/account/notifications" }),
    },
  ].filter(({ isFor }) => isFor);
  const schemes = [
    ["light", t`Colors: light`],
    ["dark", t`Colors: dark`],
    ["auto", t`Colors: as the system`],
  ] as const;
  return {
    pages: [...(usesInbox(viewer) ? inbox : []), ...others],
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
