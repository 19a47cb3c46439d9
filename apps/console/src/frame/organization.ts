import type { ConsoleViewerQuery } from "../gql/graphql";
import { chooseRegion } from "../formats/region";

type Organization = ConsoleViewerQuery["effectiveConfiguration"];

/** A text that the organization or its operators have set. Null: nobody has, and the default says nothing about them. */
function settingOf(organization: Organization, path: string): string | null {
  const entry = organization?.entries.find((one) => one.path === path);
  return entry?.source && typeof entry.value === "string" ? entry.value : null;
}

/** Shows times and numbers as where the user is, by their profile, or else by their organization. */
export const chooseRegionOf = ({ me, effectiveConfiguration: organization }: ConsoleViewerQuery): void =>
  chooseRegion({
    locale: me?.profile.locale ?? settingOf(organization, "locale"),
    timeZone: me?.profile.timeZone ?? settingOf(organization, "timeZone"),
  });

/** How an organization presents itself. What it has not set is null. */
export function brandOf(organization: Organization) {
  const logoUrl = settingOf(organization, "branding.logoUrl");
  return {
    name: settingOf(organization, "branding.name"),
    // The policy of the page allows no images of other servers, which would learn who works when.
    logoUrl: logoUrl?.startsWith(`${location.origin}/`) ? logoUrl : null,
    primaryColor: settingOf(organization, "branding.primaryColor"),
    supportEmail: settingOf(organization, "branding.supportEmail"),
  };
}
