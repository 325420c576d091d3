const adjectives =
  'agile amber bold brave brisk calm clever cosmic daring dizzy eager fancy fearless fuzzy gentle giddy happy hasty humble icy jolly keen lucky lunar mellow merry mighty nimble noble plucky proud quick quiet rapid shiny silent sleepy snappy sneaky solar spry sunny swift tiny vivid wild wise witty zany zesty';
const animals =
  'alpaca badger beaver bison bobcat camel cheetah condor cougar coyote dingo dolphin falcon ferret gecko gibbon heron hippo iguana jackal jaguar koala lemur lynx magpie marmot meerkat mongoose moose narwhal ocelot octopus osprey otter panda pelican penguin puffin quokka raccoon raven salmon sloth stoat tapir toucan walrus weasel wombat yak';

const MAX_NUMBER = 10_000;

/** A name such as brisk-otter-4821; `random` returns from 0 to below 1. */
export function inventUsername(random: () => number): string {
  const number = Math.floor(random() * MAX_NUMBER);
  return `${pick(adjectives.split(' '), random)}-${pick(animals.split(' '), random)}-${String(number).padStart(4, '0')}`;
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? '';
}
