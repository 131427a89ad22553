/** Words that people put for one another when they ask the same thing again. Pure data. */

const groups = `
fix repair mend resolve solve
undo revert rollback
last latest newest recent
lower reduce cut decrease
electricity power electric
bill cost price expense fee
bike bicycle cycle
tyre tire
sort order arrange
value element item entry
second 2nd
first 1st
create make build generate
delete remove erase drop
change modify edit alter update
find locate search
big large huge
small little tiny
fast quick rapid speed
buy purchase
begin start launch
stop end halt quit terminate
car auto automobile vehicle
film movie
picture image photo
error exception bug fault
summary summarise summarize shorten condense
explain describe clarify
town city
kid child children
house home
doctor physician
apartment flat
phone mobile cellphone smartphone
mail email e-mail
install setup
show display print
convert transform turn
way method approach
folder directory
file document
count number amount
cheap inexpensive affordable
job work employment
lawyer attorney
holiday vacation
illness disease sickness
reasons causes
pros advantages benefits
cons disadvantages drawbacks
ändern bearbeiten anpassen
löschen entfernen
reparieren beheben
günstig billig
rückgängig zurücknehmen
letzte letzten jüngste
wohnung apartment
handy telefon
撤销 撤回 取消
上 最后 上一 上次
修复 解决 修理
删除 移除
安装 装
取り消す 取消 戻す
直前 最後
削除 消す`

const heads = new Map<string, string>(
  groups
    .trim()
    .split('\n')
    .flatMap((line) => {
      const words = line.split(' ')
      return words.map((word): [string, string] => [word, words[0] as string])
    }),
)

/** The word that stands for all of its kind; a word without a kind stands for itself. */
export function toHead(word: string): string {
  return heads.get(word) ?? word
}
