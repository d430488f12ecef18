# ruff: noqa: E501 - a row is a pair, side by side, as its two writers read it
"""The rows of the catalogue: key, English, 中文. `_words` reads them; the language rules are in its tests.

English: reading age of 11 or less, at most 20 words a sentence, active. Chinese: 您 for residents, one idea a clause, at
most 24 characters between marks. One word per idea: 记录 record · 出具 sign · 印证 back · 申诉 object · 更正 correct ·
失效 fall · 到期 lapse · 撤销 annul · 查验点 gate · 服务窗口 counter · 无码通道 no-code lane · 复核机构 second body.
"""

__all__ = ["DECK"]

DECK = """
state.open | {code}: gates are open to you. | {code}：各处都可以通行。
state.ask | {code}: no gate closes. Please take a test. | {code}：各处照常通行，请做一次检测。
state.provisional | The record is still being checked. | 这条记录还在核实中。
state.partly | {code}: some places are closed to you. | {code}：有些场所暂时不能进。
state.part | {code}: ordinary gates are open to you. Wards and care homes stay closed to visits. | {code}：普通场所可以进，病房和养老院暂时不能探访。
state.closed | {code}: ordinary gates are closed to you. | {code}：普通场所暂时不能进。
state.care | Medical care stays open to you. | 看病不受影响。
state.pending | Your code changes at {time}. Your pass follows by itself. | 您的码将在{time}改变，通行码会自动更新。
state.unread | A test result for you could not be read. It counts for nothing until it is read. | 您有一份检测结果读不出来。读出来之前，不影响您的码。
state.unread.care | It may be clear or positive. Feel ill? Stay home and take a new test. | 结果可能是阴性，也可能是阳性。如果不舒服，请留在家里，重新做一次检测。
state.nopack | No rules are in force. Nobody has a code. All gates are open. | 目前没有生效的规则，所有人都没有健康码，各处都可以通行。
label.why | WHY | 原因
label.also | ANOTHER REASON | 另一条原因
label.backs | WHO BACKS IT | 谁能印证
label.next | NEXT | 接下来
label.answer | WHO MUST ANSWER | 由谁答复
label.act | WHAT YOU CAN DO | 您可以做什么
label.helps | WHAT COUNTS FOR YOU | 对您有利的记录
label.unread | RESULT UNREAD | 读不出来的结果
label.undecided | NOT WORKED OUT | 没能算出的规则
label.orders | ISOLATION ORDERS | 隔离通知
label.ended | WHAT HAS ENDED | 已经结束的记录
label.history | WHAT CHANGED AND WHY (newest first) | 变更记录（最新的在前）
show.since | Since {time}. | 自{time}起。
show.until | Until {time}, if nothing new happens. {left} | 到{time}为止（没有新情况的话），{left}
show.left.hours | {n} hours left. | 还剩{n}小时。
show.left.hour | 1 hour left. | 还剩1小时。
show.left.soon | Less than an hour left. | 还剩不到1小时。
show.left.days | {n} days left. | 还剩{n}天。
show.rule | Rule: {title} ({rule}) | 规则：{title}（{rule}）
show.pack | From: {pack}, version {version}, check number {hash}. | 出自：{pack}，版本{version}，校验号 {hash}。
show.record | Record: {kind} of {observed}, counted since {admitted}. | 记录：{observed}的{kind}，{admitted}起计入。
show.signed | Signed by {body}. Its number: {id}. | 由{body}出具，编号 {id}。
show.item | {kind} of {date} from {body} | {body}{date}的{kind}
show.comma | , | 、
show.rules.end | The rules end at {time}. After that nobody has a code. | 规则到{time}为止，之后所有人都没有健康码。
show.zone | All times are {zone}. | 以上时间均为{zone}。
end.lapsed | Ended: its time was up. That does not say it was wrong. | 已到期，自动结束。这不代表当初有错。
end.stepped | Its first part ended: that time was up. That does not say it was wrong. | 前一段已到期，自动结束。这不代表当初有错。
end.replaced | Replaced: a newer record counts now. | 已替代：现在以新的记录为准。
end.annulled | Cancelled: it was wrong from the start. | 已撤销：一开始就不该有。
end.suspended | Paused: a second body is looking at it. Until then it counts for nothing. | 已暂停：复核机构正在复核，这条记录暂不算数。
end.retracted | Taken back: the body that signed it took it back. | 已收回：出具单位收回了这条记录。
end.corrected | Put right: the body that signed it corrected it. | 已更正：出具单位更正了这条记录。
end.unbacked | Ended: no other body backs the record. | 已失效：没有其他单位能印证这条记录。
end.short | Ended: too few bodies back the record. | 已失效：能印证这条记录的单位不够。
end.once | Counts for nothing: alone, the same reason may ask only once. | 不起作用：没有其他单位印证，同一理由只能有一次。
end.again | Counts for nothing: the same reason needs a body that is new to it. | 不起作用：同一理由要由新的单位来印证。
end.unanswered | Ended: nobody answered you in time. | 已失效：对方没有按时答复您。
end.index | Ended: the other person's result no longer counts. | 已失效：对方的检测结果已不再有效。
end.basis | Ended: the record that it rests on no longer counts. | 已失效：它所依据的记录已不再有效。
end.expired | Ended: the record itself ran out. That does not say it was wrong. | 已到期：记录本身的期限已过。这不代表当初有错。
end.moved | Taken off your name: it is not your record. | 已移出您的名下：这不是您的记录。
end.relieved | Ended early: other records count for you. | 已提前结束：有其他记录对您有利。
end.rules | Ended: its rule is no longer in force. That does not say it was wrong. | 已结束：这条规则不再生效。这不代表当初有错。
end.what | {record}, number {id}. | {record}，编号 {id}。
end.since | Since {time}. Cause {id}. | 自{time}起，原因编号 {id}。
reason.none | Nothing on record changes your code. | 没有任何记录影响您的码。
reason.contact.who | We do not say who. You can ask a second body to check. | 我们不会透露对方是谁。您可以请复核机构核对。
reason.backed | Backed by {list}, each from its own record. | {list}有各自的原始记录可以印证。
reason.backer | {body}, since {time}. Its record: {id}. | {body}，{time}起，记录编号 {id}。
reason.unbacked | No other body has a record of it. | 没有其他单位的记录可以印证。
reason.needs | {n} more bodies are needed, each with its own record. | 还需要{n}家单位，各有自己的原始记录。
reason.needs.one | 1 more body is needed, with its own record. | 还需要1家单位，有自己的原始记录。
reason.enough | That is enough for full effect. | 印证已经足够。
reason.asks.only | Travel alone closes no ordinary gate. It asks for a test. | 只有行程记录，普通场所照常通行，只请您做检测。
reason.own.act | your own act when the sample was taken | 您采样时本人的确认
reason.index.account | the word of the person who tested positive | 阳性感染者本人的说明
reason.self | you yourself | 您本人
reason.certificate | a certificate from {country} | {country}的证书
reason.order | An isolation order is never a reason for a code. It ends when its basis ends. | 隔离通知不能作为变码的理由。它的依据失效，通知也随之失效。
reason.order.stands | Order {id} from {body}: its basis stands. Review by {time}. | {body}的通知 {id}：依据成立，最晚{time}复查。
reason.order.void | Order {id} from {body}: its basis is not backed, so it orders nothing now. | {body}的通知 {id}：依据没有足够印证，目前没有效力。
reason.order.ended | Order {id} from {body} ended at {time}. | {body}的通知 {id} 已于{time}失效。
reason.order.leave | No order stands now. You may leave. | 目前没有有效的通知，您可以离开。
reason.helps | This counts for you: {list}. | 这一条对您有利：{list}。
reason.account | You told us this yourself on {date}. You can take it back. | 这是您本人在{date}作的说明，您可以撤回。
reason.ruling.pause | {body} has paused this record while it looks. | {body}正在复核，这条记录暂不算数。
reason.ruling.cancel | {body} has cancelled this record. Ruling {n}. | {body}已撤销这条记录，决定编号 {n}。
reason.retracted | {body} has taken its record back. | {body}已收回这条记录。
reason.corrected | {body} has put its record right. | {body}已更正这条记录。
reason.bound | Identity records were joined or parted on {date}. Since then this record is under your name. | {date}，身份记录合并或拆分，这条记录归到您名下。
reason.merged | Two identity records were joined as yours on {date}. | {date}，有两份身份记录合并到了您名下。
reason.split | A record that was not yours was taken off your name. | 一份不属于您的记录已从您名下移除。
reason.milder | A milder rule is in force from {time}. | 更宽松的规则已于{time}生效。
reason.error | One rule could not be worked out for you. It counts for nothing. We are mending it. | 有一条规则没能算出结果，对您不起作用，我们正在修复。
reason.error.rule | The rule: {title} ({rule}). | 这条规则是：{title}（{rule}）。
next.step | From {time}: {code}. | {time}起：{code}。
next.none | From {time}: no rules in force, so nobody has a code. | {time}起：没有生效的规则，所有人都没有健康码。
next.forever | No end is set. | 没有设定结束时间。
clock.until | Until {time}, if nothing new happens. | 到{time}为止（没有新情况的话）。
clock.self | It then ends by itself. You need do nothing. | 到时自动结束，您不用办任何手续。
clock.once | At most {h} hours, and only once for the same reason from the same body. | 最多{h}小时；同一单位、同一理由只能有一次。
clock.answer | {body} signed the record, so it must answer within {h} hours of your objection. | {body}出具了这条记录，应在您申诉后{h}小时内答复。
clock.due | {body} must answer by {time}. {h} hours left. | {body}最晚{time}答复您，还剩{h}小时。
clock.default.filing | If too few bodies back it when you say so, it ends at once. | 提交时印证的单位不够，立即失效。
clock.default.tier3 | If nobody answers in time, this reason ends by itself. | 到时没有人答复，这条原因自动失效。
clock.default.tier2 | If nobody answers in time, it closes no gate any more. At most it asks for a test. | 到时没有人答复，这条原因不再影响通行，最多请您做一次检测。
clock.default.lone | It closes no gate. It ends by {time}, with or without an answer. | 这条原因不影响通行，最晚{time}结束，有没有答复都一样。
clock.default.tier1 | An infection on record does not end because an office is slow. A new test and an identity check must be offered by {time}. If not, this no longer closes ordinary gates to you. | 感染记录不会因为拖延而失效。最晚{time}会为您安排复检和身份核对；没有安排，这条原因就不再影响您进普通场所。
clock.default.tier1.past | An infection on record does not end because an office is slow. A new test and an identity check were due by {time}. Were you offered none? Object: this then no longer closes ordinary gates to you. | 感染记录不会因为拖延而失效。复检和身份核对最晚应在{time}安排。没有安排的，请申诉，这条原因就不再影响您进普通场所。
clock.default.tier1.lone.past | It closes no gate. Another body had to offer you a test by {time}. It is late. | 这条原因不影响通行。另一家单位最晚应在{time}安排检测，现已超时。
clock.default.tier1.lone | It closes no gate. Another body must offer you a test by {time}. | 这条原因不影响通行，最晚{time}由另一家单位为您安排检测。
clock.then | Without this reason your code would be: {code}. | 没有这条原因，您的码是：{code}。
clock.second | A second body decides by {time}. | 复核机构最晚{time}作出决定。
clock.late | {h} hours late. It has been decided for you. | 已超时{h}小时，已按对您有利的结果处理。
clock.unread | {body} must send it again by {time}. | {body}最晚{time}重新提交。
clock.unread.past | {body} had to send it again by {time}. It is late. | {body}最晚应在{time}重新提交，现已超时。
clock.emergency | An emergency is declared until {date}. Answers may take up to {h} hours. | 应急状态持续到{date}，答复最长需要{h}小时。
clock.always | Nights and weekends count. | 夜间和周末照常计时。
relief.tests | Clear tests ({methods}) on {n} different days are enough for: {code}. | 在{n}个不同的日子检测阴性（{methods}），即可变为{code}。
relief.test | One clear test ({methods}) is enough for: {code}. | 一次检测阴性（{methods}），即可变为{code}。
relief.record | This is enough for {code}: {kind}. | 有{kind}，即可变为{code}。
relief.window | Tests taken from {first} to {last} count. So far: {n}. | 采样日期从{first}到{last}都算，目前已算{n}天。
method.pcr | PCR | 核酸
method.antigen | antigen | 抗原
record.test-result | test result | 检测结果
record.diagnosis | diagnosis | 诊断
record.recovery | recovery record | 康复记录
record.vaccination | vaccination record | 接种记录
record.contact-finding | contact finding | 接触认定
record.own-account | own account | 本人说明
record.border-entry | border entry record | 入境记录
record.custodian-record | record of its own | 原始记录
record.isolation-order | isolation order | 隔离通知
record.discharge | discharge record | 出院记录
record.exemption | exemption | 豁免记录
record.ruling | ruling | 复核决定
record.retraction | retraction | 收回声明
record.correction | correction | 更正声明
cause.admitted | A new record counts. | 新增了一条记录。
cause.backed | Another body backs the record. | 又有单位印证了这条记录。
cause.unbacked | A body no longer backs the record. | 有单位不再印证这条记录。
cause.helped | A record that helps you counts. | 新增了一条对您有利的记录。
cause.bound | Identity records were joined or parted. A record came to your name. | 身份记录合并或拆分，有一条记录归到您名下。
cause.rules | The rules in force changed. | 生效的规则有变化。
cause.measured | Arrivals' tests were measured anew. | 入境人员的检测情况重新统计。
cause.from | {record}, cause {id} | {record}，原因编号 {id}
cause.id | Cause {id} | 原因编号 {id}
history.changed | From {time}: {before} became {after}. | {time}起：{before}变为{after}。
history.same | From {time}: {after}, as before. | {time}起：{after}，与之前相同。
history.first | At the start of this history: {after}. | 这份记录开始时：{after}。
history.nocode | no code | 没有健康码
history.kept | Nothing here is changed afterwards. | 这里的内容事后不会更改。
case.got | We have it. Your number is {n}. | 已收到。您的编号是 {n}。
case.owner | {body} has it now. It signed the record, so it must answer. | 现在由{body}负责：记录是它出具的，应由它答复。
case.moved | Passed on once, to {body}, which took it. It cannot be passed on again. | 已转给{body}，对方已接手，不会再转。
case.upheld | The record stands. It is shown by {artefact}, from {body}. | 记录维持不变，依据是{body}的{artefact}。
case.next | Do you not agree? A second body can look. It is not part of {body}. | 不同意这个结果？可以请与{body}无关的机构复核。
err.nocase | There is no case {n}. Check the number on your message or letter. | 没有编号 {n}。请核对短信或信件上的编号。
err.word | That is not the word. Ask the caller to read it again. | 口令不对，请来电人再念一遍。
err.signedout | You were signed out after a long wait. What you wrote is kept. | 您较长时间没有操作，已退出登录。填写的内容还在。
err.offline | You have no network. Your pass still works. | 现在没有网络，通行码照常可用。
err.down | This page is not working. Your code and pass do not change because of it. Call {hotline}. | 本页暂时打不开，您的码和通行码不受影响。可拨打{hotline}。
err.camera | Let this page use the camera, or choose a photo of the code. | 请允许本页使用相机，或选择一张码的照片。
err.twice | You have sent this already. Your number is {n}. | 您已经提交过了，编号是 {n}。
err.row | Row {n}, {column}: {fix}. People will see “result unread” until you fix it. | 第{n}行“{column}”：{fix}。改好之前，当事人看到的是“结果读不出来”。
err.choose | Choose what is wrong. | 请选择哪里不对。
err.size | The file must be smaller than {n}. | 文件要小于{n}。
err.type | The file must be a photo or a PDF. | 只能添加照片或PDF文件。
err.number | Enter the {n} digits of the number. | 请输入{n}位编号。
err.other | This record is someone else's. | 这是别人的记录，您不能查看。
err.qr | This is not a pass or a venue code. Nothing was sent. | 这不是通行码或场所码。没有发送任何信息。
msg.ask | {name}: your health code changes at {time}. No gate closes. Ends by {end}. Why, and what to do: {hotline} or {site} | {name}：{time}健康码有变化，不影响通行，最晚{end}止。详情{hotline}、{site}
msg.red | {name}: from {time} ordinary gates are closed to you, until {end} at the latest. Why, or to object: {hotline} or {site} | {name}：{time}起普通场所暂时不能进，最晚{end}止。申诉{hotline}、{site}
msg.red.now | {name}: your health code has changed. See why, and what help there is: {hotline} or {site} | {name}，您好：您的健康码有变化。查原因、找帮助：{hotline}或{site}
msg.green | {name}: you are green from {time}. Cause {id}. Details: {hotline} or {site} | {name}，您好：{time}起您恢复绿码，原因编号 {id}。详情：{hotline}或{site}
msg.case | {name}: case {n}. {body} must answer by {time}. If not: {default} | {name}，您好：编号 {n}，{body}最晚{time}答复。到时没有答复，{default}
msg.retest | {name}: a visit is offered to you: {place}, {time}. You may choose another time: {hotline} | {name}，您好：为您预约了{time}，{place}。要改时间请拨{hotline}
msg.read | {role} at {body} looked at your record, {time}. Not expected? Call {hotline} | {time}，{body}的{role}查看了您的记录。觉得不对？请拨{hotline}
msg.proxy | {who} can now act for you. To stop this: {hotline} or any counter | {who}现在可以代您办理。要停止，请拨{hotline}或到服务窗口
msg.order | Isolation order {n} has ended, because its basis ended. You may leave now. | 隔离通知 {n} 的依据已失效，通知随之结束。您现在可以离开。
notice.fault | Known fault {n}: {what}. It ends by {time}. You are counted already. | 已知故障 {n}：{what}，最晚{time}解决。已包括您在内，不用再报。
notice.inquiry | Many people say the same. A public inquiry is open: {n}. | 很多人反映同样的问题，已自动开启公开核查：{n}。
notice.expiry | The rules end on {date}. After that nobody has a code. | 规则在{date}到期。之后所有人都没有健康码。
gate.yes | Let them through. | 请放行。
gate.no | Not here. Show the way: {counter}. Do not hold anyone. | 此处不能进。请指引到{counter}，不得扣留任何人。
gate.ours | We cannot tell. Our fault: let them through. | 我方无法判断，不是对方的问题，请放行。
gate.theirs | Cannot read it. Ask for a newer pass, or show the way: {lane}. | 读不出来。请换新的通行码，或指引到{lane}。
gate.nocode | No pass, no phone: {lane}. Never turn anyone away for this. | 没有通行码、手机没电：请走{lane}，不能因此拒绝。
gate.right | Checks are allowed here: {place}, {hours}, for {purpose}, until {end}. | 此处可以查验：{place}，{hours}，用于{purpose}，到{end}为止。
gate.noright | There is no right to check here now. Let everyone through. | 此处现在无权查验，请一律放行。
wallet.struck | Someone tried to replace your pass without telling you. It has no effect. | 有人想瞒着您换掉您的通行码。这没有效力。
wallet.two | There are two different codes for you at one time. Save the proof. | 同一时间，您名下出现了两个不同的码。请保存凭证。
wallet.split | The public log has two versions. Save the proof and tell an auditor. | 公开日志出现了两个版本。请保存凭证并告诉审计机构。
wallet.silent | Your code changed and nobody told you. You can object to that alone. | 您的码变了，却没有人通知您。单凭这一点就可以申诉。
visit.ok | You are at {venue}. Nothing was sent. Scanning never changes your code. | 您在{venue}。没有发送任何信息，扫码不会改变您的码。
visit.bad | This poster is not registered. Nothing was sent and your code is the same. | 这张场所码没有登记。没有发送任何信息，您的码也没有变。
advice.head | You may have been near someone with the infection: {venue}, {time}. | 您可能接触过感染者：{venue}，{time}。
advice.effect | This is advice. Your code is the same, and nobody knows you saw it. | 这只是提醒。您的码不变，也没有人知道您看到了它。
hot.say | “Your number is {n}. {body} must answer by {time}. If they do not: {default}” | “您的编号是 {n}。{body}最晚{time}答复您。到时没有答复，{default}”
kind.notme | It is not about me | 说的不是我
kind.fact | It did not happen | 没有这回事
kind.rule | The rule does not fit me | 这条规则不适用于我
kind.ended | It should have ended | 早该到期了
kind.noreason | No reason is shown | 没有写明原因
kind.others | Others in my case are green | 和我情况一样的人是绿码
kind.nocode | I have no code or pass | 我没有健康码或通行码
kind.again | I was cleared, then coded again | 恢复绿码后又变了
act.wrong | This is wrong | 这不对，我要申诉
act.object | Is it wrong? Say so on the web, by phone, at a counter or on paper. | 觉得不对？网上、电话、服务窗口、书面都可以申诉。
act.noproof | You do not have to prove anything. | 您不用自己举证。
act.why | Why? | 为什么？
act.pass | Show my pass | 出示通行码
act.send | Send | 提交
act.file | Add a photo or PDF, if you want | 添加照片或PDF（可不加）
act.words | Say it in your words, if you want | 用自己的话说说（可不写）
act.test | Where to test | 去哪里检测
act.correct | Put this record right | 更正这条记录
act.case | See my case | 查看我的申诉
act.back | Take it back | 撤回
act.reopen | It is not settled: open it again | 没有解决，重新提出
act.print | Print on paper | 打印纸质码
act.proof | Keep the proof | 保存凭证
act.all | Get all: PDF · JSON | 下载全部记录
act.history | What changed and why | 变更记录
act.readers | Who looked at my record | 谁看过我的记录
act.odd | I did not expect this | 这次查看有问题
act.family | My child or parent | 为家人办理
act.proxy | Stop somebody acting for me | 取消代办人
act.reach | How you reach me | 怎样通知我
act.log | Check the public log | 核对公开日志
act.same | It is this fault: add me | 我也遇到了这个故障
act.update | Update this page | 刷新本页
act.erase | Erase this visit | 删除这次到访
"""
