import { registerEnumType } from "type-graphql";

export enum DefinitionTemplateCategory {
  FACILITIES = "FACILITIES",
  PURCHASING = "PURCHASING",
  FINANCE = "FINANCE",
  PROJECTS = "PROJECTS",
  PEOPLE = "PEOPLE",
  INCIDENTS = "INCIDENTS",
  AUTOMATION = "AUTOMATION",
}
registerEnumType(DefinitionTemplateCategory, {
  name: "DefinitionTemplateCategory",
  description: "Areas of the template library.",
  valuesConfig: {
    FACILITIES: { description: "Buildings and assets: maintenance, inspections, decommissioning." },
    PURCHASING: { description: "Orders, contracts and vendors." },
    FINANCE: { description: "Loans and other decisions about money." },
    PROJECTS: { description: "Projects, their phases, milestones and changes of scope." },
    PEOPLE: { description: "Requests of employees." },
    INCIDENTS: { description: "Incidents and their review." },
    AUTOMATION: { description: "Automations: definitions of the kind `automation`, whose steps run without people." },
  },
});
