import type { DemoArea } from "../area.js";
import { dateIn } from "../dates.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";

/** Workflows without a request, which fill the specialists' queues. */
export const processes: DemoArea = {
  name: "processes",
  stories: (stage) => [
    leave(stage, 40, true),
    leave(stage, 2, false),
    networkOutage(stage),
    slowScanner(stage),
    newIncident(stage),
    cleaningContract(stage),
    leaseContract(stage),
    loanInReview(stage),
    loanToDecide(stage),
    oldCompressor(stage),
    newVendor(stage),
  ],
};

async function* leave(stage: Stage, made: number, isTaken: boolean): Story {
  const developer = stage.as("developer");
  yield made;
  const instance = await developer.start("leave-request", {
    from: dateIn(20 - made),
    to: dateIn(24 - made),
    days: 5,
    kind: "holiday",
    manager: stage.as("manager").id,
    note: isTaken ? "Family visit." : "A long weekend and the days around it.",
  });
  await developer.fire(instance, "submit");
  if (!isTaken) return;
  yield made - 1.2;
  await stage.as("manager").complete(instance, "approve", { comment: "Enjoy!" });
  yield made - 25;
  await developer.fire(instance, "take");
}

async function* networkOutage(stage: Stage): Story {
  const operator = stage.as("operator");
  yield 36;
  const instance = await operator.start(
    "incident",
    { summary: "No network on floors 3 to 5 of the headquarters", service: "Network" },
    stage.buildings.get("HQ"),
  );
  await stage.as("operations").complete(instance, "assess", { input: { severity: "critical", service: "Network" } });
  yield 35.7;
  await stage.as("ops").complete(instance, "done", { rule: "tell" });
  await operator.complete(instance, "done", { rule: "repair", input: { cause: "A loop between two switches after the office move." } });
  yield 35;
  await operator.fire(instance, "confirm");
  yield 30;
  await stage.as("manager").complete(instance, "close", {
    input: { lesson: "Spanning tree is enabled everywhere; moves are announced to the network team." },
  });
}

async function* slowScanner(stage: Stage): Story {
  yield 5;
  const instance = await stage
    .as("operator")
    .start(
      "incident",
      { summary: "Hand scanners in the warehouse lose their connection", service: "Warehouse Wi-Fi" },
      stage.buildings.get("WH"),
    );
  yield 4.8;
  await stage.as("ops").complete(instance, "assess", { input: { severity: "high", service: "Warehouse Wi-Fi" } });
  await stage.as("technical").claim(instance);
  await stage.as("technical").commentOnTask(instance, "Two access points restart under load; a firmware update is planned for tonight.");
}

async function* newIncident(stage: Stage): Story {
  yield 0.05;
  await stage
    .as("operator")
    .start("incident", { summary: "Card payments in the cafeteria fail", service: "Point of sale" }, stage.buildings.get("HQ"));
}

const contract = (title: string, counterparty: string, value: number, from: number) => ({
  title,
  counterparty,
  value,
  currency: "EUR",
  startsOn: dateIn(from),
  endsOn: dateIn(from + 730),
});

async function* cleaningContract(stage: Stage): Story {
  const manager = stage.as("manager");
  yield 18;
  const instance = await manager.start(
    "contract-approval",
    contract("Cleaning of the headquarters", "Bright & Clean", 96_000, 30),
    stage.buildings.get("HQ"),
  );
  yield 15;
  for (const item of ["Parties checked", "Term and notice checked", "Liability checked"]) await stage.as("legal").checkItem(instance, item);
  await stage.as("legal").complete(instance, "accept", { input: { liability: "capped" } });
  yield 13;
  await stage.as("credit").complete(instance, "accept", { comment: "Within the budget of facilities." });
}

async function* leaseContract(stage: Stage): Story {
  const manager = stage.as("manager");
  yield 9;
  const instance = await manager.start(
    "contract-approval",
    contract("Lease of three forklifts", "Liftworks", 38_000, 14),
    stage.buildings.get("WH"),
  );
  yield 8.5;
  await stage.as("legal").checkItem(instance, "Parties checked");
}

async function* loanInReview(stage: Stage): Story {
  const manager = stage.as("manager");
  yield 6;
  const instance = await manager.start("loan-underwriting", {
    applicant: "Harbor Bakery",
    amount: 120_000,
    purpose: "business",
    termMonths: 84,
  });
  await manager.fire(instance, "submit");
  yield 4;
  await stage.as("credit").complete(instance, "pass", { rule: "credit", input: { creditScore: 702 } });
}

async function* loanToDecide(stage: Stage): Story {
  const manager = stage.as("manager");
  yield 14;
  const instance = await manager.start("loan-underwriting", {
    applicant: "Familie Brandt",
    amount: 85_000,
    purpose: "renovation",
    termMonths: 120,
  });
  await manager.fire(instance, "submit");
  yield 12;
  await stage.as("credit").complete(instance, "pass", { rule: "credit", input: { creditScore: 745 } });
  await stage.as("technical").complete(instance, "pass", { rule: "technical", input: { appraisedValue: 210_000 } });
  yield 11;
  for (const item of ["Identity checked", "Land register read"]) await stage.as("legal").checkItem(instance, item, "legal");
  await stage.as("legal").complete(instance, "pass", { rule: "legal", input: { legalNote: "First rank in the land register." } });
}

async function* oldCompressor(stage: Stage): Story {
  yield 11;
  const manager = stage.as("manager");
  const instance = await manager.start("asset-decommission", { name: "Compressor, warehouse basement" }, stage.buildings.get("WH"));
  await manager.fire(instance, "propose", { input: { reason: "worn_out" } });
}

async function* newVendor(stage: Stage): Story {
  const manager = stage.as("manager");
  yield 3;
  const instance = await manager.start("vendor-onboarding", {
    vendorName: "Volta Electric",
    categories: ["electrical"],
    contactEmail: "office@volta-electric.example",
    annualSpend: 40_000,
  });
  await manager.fire(instance, "submit", { input: { taxId: "DE811907980" } });
}
