// `postrider causes`: the book of causes, where there is no browser.
import { Command } from "commander";
import { distance } from "fastest-levenshtein";
import { type CauseId, cause, causeIds, isCauseId } from "../../../causes/book.ts";
import { exampleRemedy, handlingOf, lookAlikesLines, symptomsOf } from "../../../causes/page.ts";
import { type CommonFlags, withCommon } from "../common.ts";
import { UsageError } from "../exit.ts";
import { output, plain } from "../output.ts";
import { showRemedy } from "../test-report.ts";

const headings = {
  shows: { en: "How it shows", zh: "表现" },
  alike: { en: "What looks like it", zh: "相似的原因" },
  mail: { en: "What Postrider does about mail that meets it", zh: "Postrider 如何处理遇到它的邮件" },
} as const;

export function causesCommand(): Command {
  const command = new Command("causes")
    .summary("why mail does not leave: every known cause")
    .description("Lists the book of causes, or tells one: how it shows, what it means, what to do.")
    .argument("[id]", "a cause, as `doctor` and `test` name it");
  return withCommon(command).action((id: string | undefined, flags: CommonFlags) => {
    if (id === undefined) list(flags);
    else if (isCauseId(id)) tell(id, flags);
    else throw new UsageError(`There is no cause ${id}. \`postrider causes\` lists them.${nearest(id)}`);
  });
}

/** The nearest where one is near; else one whose last part, which people remember best, is what was typed or near to it. */
function nearest(typed: string): string {
  const id = typed.toLowerCase();
  const last = (one: string) => one.slice(one.indexOf(".") + 1);
  const closest = causeIds.toSorted((one, other) => distance(id, one) - distance(id, other)).at(0);
  const found =
    closest !== undefined && distance(id, closest) <= 3
      ? closest
      : causeIds.find((known) => known.includes(last(id)) || distance(last(id), last(known)) <= 3);
  return found === undefined ? "" : ` Did you mean ${found}?`;
}

function list({ json = false, lang }: CommonFlags): void {
  const out = output(json);
  const rows = causeIds.map((id) => ({ id, layer: cause(id).layer, title: exampleRemedy(id, lang).title }));
  out.table(rows.map(({ id, title }) => [id, title]));
  out.data({ data: rows });
}

function tell(id: CauseId, { json = false, lang }: CommonFlags): void {
  const out = output(json);
  const remedy = exampleRemedy(id, lang);
  const symptoms = symptomsOf(id, lang);
  const alike = lookAlikesLines(id, lang, (other) => other);
  const handling = handlingOf(id, lang);
  showRemedy(out, remedy, id, lang, () => {
    out.line();
    out.line(out.paint("bold", headings.shows[lang]));
    for (const symptom of symptoms) out.prose(plain(symptom), "  • ");
    if (alike.length === 0) return;
    out.line();
    out.line(out.paint("bold", headings.alike[lang]));
    for (const line of alike) out.prose(line, "  • ");
  });
  out.line();
  out.line(out.paint("bold", headings.mail[lang]));
  out.prose(handling, "  ");
  out.data({ id, layer: cause(id).layer, ...remedy, symptoms, alike, handling });
}
