import { useLive } from "@weft/react";
import { useLayoutEffect } from "react";
import { graphql } from "../gql";
import { accentVariables } from "./accent";

const configurationChanged = graphql(`
  subscription ConsoleConfigurationChanged($after: String) {
    configurationChanged(after: $after) {
      cursor
    }
  }
`);

interface FollowOrganizationProps {
  readonly primaryColor: string | null;
  /** `liveCursor` of the query that loaded the configuration. */
  readonly after: string | null;
  readonly onChanged: () => void;
}

/** Shows the organization's color, and follows changes of its configuration. */
export function FollowOrganization({ primaryColor, after, onChanged }: FollowOrganizationProps) {
  useLive(configurationChanged, { after }, { onEvent: onChanged, onGap: onChanged });
  useLayoutEffect(() => {
    if (primaryColor === null) return undefined;
    const { style } = document.documentElement;
    const names = Object.entries(accentVariables(primaryColor)).map(([name, value]) => {
      style.setProperty(name, value);
      return name;
    });
    return () => {
      for (const name of names) style.removeProperty(name);
    };
  }, [primaryColor]);
  return null;
}
