import { Trans, useLingui } from "@lingui/react/macro";
import { Menu, useMantineColorScheme } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { chooseLocale, locales, type Locale } from "../formats/locale";
import { weft } from "../weft";
import { initials } from "./initials";

interface UserMenuProps {
  readonly name: string;
  readonly email: string;
  /** Whom the organization's users ask for help. */
  readonly supportEmail: string | null;
}

/** The user, the colors, the language, and the way out. */
export function UserMenu({ name, email, supportEmail }: UserMenuProps) {
  const { t, i18n } = useLingui();
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const schemes = [
    ["auto", t`As the system`],
    ["light", t`Light`],
    ["dark", t`Dark`],
  ] as const;
  return (
    <div className="account">
      <Menu position="top-start" width={200} withinPortal={false}>
        <Menu.Target>
          <button type="button" className="user">
            <span className="initials" aria-hidden="true">
              {initials(name)}
            </span>
            <span className="name">{name}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{email}</Menu.Label>
          <Menu.Item component={Link} to="/account" className="entry">
            <Trans>Your account</Trans>
          </Menu.Item>
          <Menu.Item component={Link} to="/account/security" className="entry">
            <Trans>Security</Trans>
          </Menu.Item>
          <Menu.Item component={Link} to="/account/notifications" className="entry">
            <Trans>Notifications</Trans>
          </Menu.Item>
          {supportEmail !== null && (
            <Menu.Item component="a" href={`mailto:${supportEmail}`} className="entry">
              <Trans>Help: {supportEmail}</Trans>
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Label>
            <Trans>Colors</Trans>
          </Menu.Label>
          <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}>
            {schemes.map(([scheme, title]) => (
              <Menu.RadioItem closeMenuOnClick key={scheme} value={scheme} data-scheme={scheme}>
                {title}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Label>
            <Trans>Language</Trans>
          </Menu.Label>
          <Menu.RadioGroup value={i18n.locale} onChange={(locale) => void chooseLocale(locale as Locale, { isKept: true })}>
            {Object.entries(locales).map(([locale, title]) => (
              <Menu.RadioItem closeMenuOnClick key={locale} value={locale} lang={locale}>
                {title}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Divider />
          {/* Without a connection, the session is forgotten here, and ends at its timeout. */}
          <Menu.Item data-logs-out onClick={() => void weft.session.logOut().catch(() => undefined)}>
            <Trans>Log out</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
