/**
 * What people say after an answer, language by language: that it was wrong, that it helped, or that they go on. Tried on
 * the beginning of a message, in lower case, with straight quotes. Pure data.
 */
import { widen } from './wide-patterns.ts'

/** The answer was wrong, did not work, or was not what was asked for. */
const saidWrong: readonly RegExp[] = [
  // English
  /\b(?:that|this|it|you|your \w+|which|answer|result|code|solution|output)(?:'s| is| was| are|'re| were| looks| seems)? (?:still |simply |just |also |completely |totally |plain |clearly |definitely |all |not quite |obviously )*(?:wrong|incorrect|false|untrue|inaccurate|nonsense|mistaken|not (?:right|correct|true|accurate|it|what (?:i|we))|broken|useless|a mistake|an error|made up|hallucinat\w+|rubbish|garbage)\b/,
  /^(?:no+|nope|wrong|incorrect|false|nah)\b[,.! ]*(?:$|(?:that|this|it|i|you|the|not|still|wrong|he|she|they|there|eso|esto|isso|isto|quello)\b)/,
  /\b(?:isn't|is not|wasn't|was not|aren't) (?:\w+ )?(?:right|correct|true|accurate|working|what (?:i|we))\b|\b(?:gives|giving|gave|throws?|threw|get|got|getting|shows?) (?:me |us )?(?:an? |the |this |another )?(?:error|exception)\b/,
  /^non[,.! ]+(?:pas|ce|c'|je|ça)|ne (?:m'|nous )aide(?:nt)? pas|\bhat (?:mir )?(?:leider )?nicht (?:funktioniert|geholfen|geklappt)|\bhilft (?:mir )?(?:leider )?nicht/,
  /\bnot what i(?:'m| am| was|'d)? ?(?:asked|meant|want\w*|need\w*|looking|said|requested|after)/,
  /\b(?:still|again) (?:the same|broken|wrong|failing|fails|not (?:working|right|correct|what)|doesn't|does not|getting|get the|gives|throws|crash\w*|an? (?:error|exception))|\bsame (?:error|problem|issue|result|exception)\b/,
  /\b(?:doesn't|does not|didn't|did not|don't|isn't|is not|won't|not) (?:actually |really |even |still )?(?:work(?:ing)?|compile|run|help(?:ed)?|solve|answer|address|make sense|fix|match|follow)\b/,
  /\byou (?:didn't|did not|haven't|missed|forgot|ignored|misunderstood|misread|made (?:a|an) (?:mistake|error)|got (?:it|that|this) wrong|are (?:wrong|mistaken)|keep)/,
  /\bi (?:meant|wanted|asked (?:for|you|about|how)|said|was asking)\b/,
  /^(?:please )?(?:try|check|do it|look) (?:it )?again\b|\b(?:check|try) again\b|^are you sure\b|\bthat can't be (?:right|true)|\bthat doesn't (?:look|sound|seem) right/,
  // German
  /\b(?:das|es|die antwort|dies|du|ihre antwort|deine antwort)\b.{0,20}\b(?:falsch|unsinn|nicht richtig|nicht korrekt|stimmt nicht|stimmt so nicht|nicht das|nicht,? was|quatsch|verkehrt)\b|\bdas stimmt (?:so |leider |doch )?nicht\b|^(?:falsch|nein)\b[,.! ]+(?:das|ich|es|so|du|falsch)/,
  /\b(?:funktioniert|geht|klappt|läuft|hilft)\b.{0,20}\bnicht\b|\bimmer noch (?:nicht|derselbe|der gleiche|kaputt|falsch|dasselbe)|\b(?:derselbe|gleiche[rn]?|selbe) (?:fehler|problem)/,
  /\bich (?:meinte|wollte|habe? (?:doch |aber )?nach|hatte (?:doch |aber )?nach)\b|\bdu hast (?:mich )?(?:falsch|nicht|vergessen)|\bnochmal versuchen|\bversuch(?:e|en sie)? es (?:noch ?mal|erneut)|^bist du sicher/,
  // French
  /\bc'est (?:faux|incorrect|inexact|pas (?:ça|cela|correct|vrai|juste|ce que))|\bce n'est pas (?:ça|cela|correct|vrai|juste|ce que|exact|bon)|\b(?:faux|incorrect)e?\b[.!]?$/,
  /\b(?:ne |n')?(?:marche|fonctionne|compile) (?:toujours |encore )?pas\b|\btoujours (?:pas|la même|le même)|\bmême (?:erreur|problème)|\bje (?:voulais|parlais|demandais|demandé)|\btu (?:t'es|as) (?:trompé|oublié)|\bvous (?:vous êtes|avez) (?:trompé|oublié)/,
  // Spanish, Portuguese, Italian
  /\b(?:eso|esto|la respuesta) (?:es|está|no es|no está) (?:\w+ )?(?:incorrect\w|falso|mal|equivocad\w|correct\w|lo que|cierto|bien|verdad)|\bno es (?:correcto|cierto|verdad|lo que|eso)|\b(?:está|esta) mal\b|\b(?:te equivoc\w+|se equivoc\w+|incorrecto)\b/,
  /\b(?:sigue|todavía|aún|aun) (?:sin |no )|\bno (?:me )?(?:funciona|sirve|compila|ayuda)\b|\bmismo (?:error|problema)|\bquise decir|\bquería decir|\bte pregunt\w+|\bme refería/,
  /\b(?:isso|isto|a resposta) (?:está|é|não está|não é) (?:\w+ )?(?:errad\w|fals\w|incorret\w|cert\w|corret\w|o que|verdade)|\bestá errado|\bvocê (?:errou|se enganou)|\b(?:ainda|continua) (?:não|sem|com o mesmo)|\bnão (?:funciona|funcionou|ajudou|era isso|é isso)|\bmesmo (?:erro|problema)|\beu quis dizer/,
  /\b(?:è|questo è|la risposta è) (?:\w+ )?(?:sbagliat\w|fals\w|errat\w)|\bnon è (?:corretto|giusto|vero|quello|ciò)|\bsbagliato\b|\b(?:non funziona|non va|ancora non|non ancora|stesso (?:errore|problema)|intendevo|volevo dire|ti sei sbagliat\w)\b/,
  // Dutch, Polish
  /\bdat (?:klopt|is) (?:\w+ )?(?:niet|fout|onjuist|verkeerd)|\b(?:klopt|werkt) (?:nog steeds |nog altijd |dus )?niet\b|\bnog steeds (?:niet|dezelfde|stuk|fout)|\bdezelfde (?:fout|foutmelding)|\bik bedoelde|\bik vroeg|\bniet wat ik\b/,
  /\bto (?:jest )?(?:błąd|błędne|źle|nieprawda|niepoprawne|nie (?:jest )?(?:prawda|poprawne|tak|to|o to))|\b(?:nadal|wciąż|dalej|to|ciągle) nie (?:działa|działało)|\bnie działa\b|\bten sam błąd|\bnie o to (?:mi )?(?:chodziło|pytał\w*)|\bmylisz się/,
  // Russian
  /(?:это )?(?:неправильно|неверно|ошибочно|неправда|не так|не то|ошибка)(?:$|[\s,.!])|не работает|не помогло|не помогает|та же (?:самая )?ошибка|я (?:имел\w* в виду|спрашивал|просил|хотел)|ты (?:ошиб|не ответил)|вы (?:ошиб|не ответил)|всё ещё не|все еще не|по-прежнему не/,
  // Chinese, Japanese, Korean
  /^(?:这|那|這)?(?:个|样|是|些|個)?(?:都)?(?:不对|不對|错了|錯了|不是|不正确|不正確|不行|有误|不准确)|(?:说|答|回答|写|算|搞|弄)(?:得)?(?:不对|错了|錯了|错误)|(?:还是|還是|仍然|依然|依旧)(?:不行|不对|不能|报错|错|一样|没用|有问题|無法|无法)|不是我(?:要|想|问)|我(?:问|要|说)的(?:是|不是)|没有(?:解决|回答)|同样的(?:错误|问题)|答非所问|(?:不管用|没有?用|不起作用|不工作)/,
  /違います|違う[。、!]?|間違(?:って|い|え)|正しくない|正しくありません|(?:まだ|やはり|やっぱり)[^。]{0,12}(?:ません|ない|だめ|ダメ|エラー)|(?:動き|動作し|うまくいき|解決し)ません|動かない|同じエラー|聞いて(?:いる|いた)のは|そうじゃな|そうではな|そういう意味では/,
  /틀렸|틀린|잘못|아니(?:에요|요|야|,|\.|$)|(?:아직|여전히|그래도|계속)[^.]{0,10}(?:안 ?(?:돼|되|됩)|같은|오류|에러|않)|안 ?(?:돼|되|됩)|작동하지 않|같은 (?:오류|에러)|그게 아니|제가 (?:물은|원한|말한)/,
  // Arabic, Turkish, Hindi, Swedish
  /(?:هذا |الإجابة |إجابتك )?(?:غير صحيح|خاطئ|خطأ|غير دقيق|ليس صحيح|ليس ما (?:طلبت|قصدت|أردت))|لا (?:يزال|زال|يعمل|تعمل)|ما زال|لم (?:يعمل|تعمل|ينجح|تجب|يحل)|نفس (?:الخطأ|المشكلة)|(?:كنت )?أقصد/,
  /(?:hâlâ|hala|yine) (?:çalışmıyor|aynı|olmadı|olmuyor|hata)|\bçalışmıyor|\byanlış\b|\bbu doğru değil|\baynı hata|\böyle değil|गलत|काम नहीं|\b(?:det )?(?:stämmer|fungerar) (?:fortfarande )?inte|\bdet är fel\b|\bsamma fel\b/,
]

/** Questions that hold the words of a correction and correct nothing. */
export const notCorrections =
  /^(?:what|which|where|who|why|how|is|are|was|does|did|do|can|could|would|was ist|ist|warum|wie|qu'est|pourquoi|qué|cuál|por qué|cosa|perché|wat|co jest|что|почему)\b(?!.{0,60}\b(?:still|again|you)\b).{0,160}\?\s*$|\bno (?:problem|worries|need|thanks|thank you|more)\b|\bnot wrong\b|\bnothing (?:is )?wrong|\bkein problem\b|没问题|沒問題|問題ありません|문제없/

/** It helped. */
const saidThanks: readonly RegExp[] = [
  /\b(?:thanks|thank you|thx|ty|cheers|perfect|great|awesome|excellent|brilliant|amazing|wonderful|works?(?: now| great| perfectly| well| fine| like a charm)?[.!]?$|(?:that|it|this) (?:works|worked|helps|helped|did it|did the trick|fixed it|solved it|is (?:right|correct|perfect|exactly))|got it|makes sense|exactly what i|well done|nice one|good job|you're right|solved|appreciate)\b/,
  /\b(?:danke\w*|vielen dank|super|perfekt|klasse|prima|hat geklappt|funktioniert jetzt|jetzt (?:läuft|geht|klappt|funktioniert)|genau das|passt)\b/,
  /\b(?:merci|parfait|super|génial|ça marche|impeccable|exactement)\b|\b(?:gracias|perfecto|genial|excelente|funciona(?: bien)?|funcionó|estupendo|exacto)\b|\b(?:obrigad[oa]|perfeito|ótimo|funcionou|valeu)\b|\b(?:grazie|perfetto|ottimo|funziona|fantastico|esatto)\b/,
  /\b(?:bedankt|dank je|dank u|dankjewel|perfect|top|het werkt|gelukt)\b|\b(?:dzięki|dziękuję|świetnie|działa|super|idealnie)\b|\b(?:teşekkür\w*|harika|mükemmel|sağ ol)\b|\b(?:tack|perfekt|toppen)\b/,
  /спасибо|благодарю|отлично|супер|помогло|заработало|работает|谢谢|謝謝|多谢|感谢|感謝|太好了|解决了|解決了|可以了|成功了|完美|ありがとう|助かりました|助かった|できました|うまくいきました|完璧|解決しました|감사|고마|고맙|됐어요|됩니다|해결|완벽|최고|شكر|ممتاز|رائع|نجح|धन्यवाद|शुक्रिया/,
]

/** They go on from the answer. */
export const goesOn =
  /^\W*(?:(?:ok(?:ay)?|alright|cool|fine|good|great|super|gut|bien|bueno|bom|bene|goed|dobrze|хорошо|好的?|はい|네)[,.! ]+)?(?:and(?: now| what| how| if)?|now|next|then|also|what about|how about|what if|could you also|can you also|one more|another|additionally|let's|make it|turn it|add|und|jetzt|nun|als nächstes|außerdem|kannst du auch|et|maintenant|ensuite|aussi|y|ahora|después|también|e|agora|depois|também|ora|adesso|poi|anche|en nu|en|nu|daarna|ook|a teraz|teraz|potem|i|а|и|теперь|а теперь|затем|ещё|那么?|那|现在|現在|接下来|然后|另外|还有|次に|では|じゃあ|それでは|あと|그럼|이제|다음|그리고|و|الآن|ثم|şimdi|peki|ayrıca)(?=[\s,:、，]|\p{Script=Han}|\p{Script=Hangul}|$)/iu

export const corrections: readonly RegExp[] = saidWrong.map(widen)
export const thanks: readonly RegExp[] = saidThanks.map(widen)
