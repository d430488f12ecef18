"""The words themselves: alternatives parted by spaces, `_` for a space, in the folded form of `_words`.

Chinese ones are found anywhere, English ones as whole words.
"""

__all__ = [
    "COPIED_EN",
    "COPIED_NAMED_EN",
    "COPIED_NAMED_ZH",
    "COPIED_ZH",
    "OPEN_EN",
    "OPEN_NAMED_EN",
    "OPEN_NAMED_ZH",
    "OPEN_ZH",
    "PENALTY_EN",
    "PENALTY_NAMED_EN",
    "PENALTY_NAMED_ZH",
    "PENALTY_ZH",
    "PRESENCE_EN",
    "PRESENCE_ZH",
    "WAS_THERE_EN",
    "WAS_THERE_ZH",
]

# I5, where somebody was: in what says why.
PRESENCE_EN = r"""
    locked_down lockdown
    areas? zones? venues? locations? located whereabouts premises presence stay(?:s|ed|ing)? visit(?:s|ed|ing|ors?)?
    pass(?:es|ed|ing)?_through travel\w*_(?:to|through|via|in|history) been_(?:to|at|near)
    been_in_(?!contact|close|touch|hospital)\w+ present_(?:in|at|near) devices? (?:mobile_)?phones? sim_cards?
    telecom\w* roam(?:ed|ing|s)? base_stations? cell_(?:towers?|sites?) gps gnss bluetooth wi_?fi beacons?
    scan(?:s|ned|ning)? check(?:ed|ing)?_in trajector(?:y|ies) itinerar(?:y|ies) spatio_?temporal time_space
    space_time (?:high|medium|middle|low)_risk neighbou?rhoods? districts? squares? stations?
    same_(?:time|place|room|building|train|flight|vehicle)
"""

PRESENCE_ZH = r"""
    停留 逗留 驻留 滞留 途经 路过 旅居 行程 轨迹 时空 伴随 区域 地区 片区 区内 风险区 高风险 中风险 低风险 封控
    管控区 防范区 场所 地点 位置 定位 基站 漫游 信令 蓝牙 手机 设备 扫码 扫描 打卡 签到 到访 来访
    (?<![收得受遇看听感])到过 去过 来过 在场 现场 现身 出现在 所在 小区 社区 街道 广场 车站
    同一(?:空间|时间|地点|场所|车|航班) 涉疫 来返 往返 途径[^,。;]{0,6}[地区市省县] 来自[^,。;]{0,8}[地区市省县]
"""

# I5 in what tells people what to do: only what speaks of where they have been.
WAS_THERE_EN = r"""
    visited pass(?:ed|ing)_through been_(?:to|at) been_in_(?!contact|close|touch|hospital)\w+ risk_(?:areas?|zones?)
    time_space trajector(?:y|ies) itinerar(?:y|ies) stayed_(?:in|at|near) pres(?:ent|ence)_(?:in|at)
    left_(?:the|an?)_(?:area|zone)
"""

WAS_THERE_ZH = r"""
    停留过 逗留 途经 旅居 轨迹 时空 风险区 风险地区 (?<![收得受遇看听感])到过 去过 涉疫 来返
"""

# I6, clauses that let somebody in later.
OPEN_EN = r"""
    any(?:body|one)_else until_(?:the|your|an?)_\w+_(?:says?|allows?|decides?|tells?|permits?|agrees?|lifts?)
    others?_(?:as|who|whom|that|when|where|if)
    other_(?:persons?|people|individuals?|personnel|cases|groups?|categories|reasons?)_(?:as|who|whom|that|which|to_be)
    other_(?:persons?|people|individuals?|personnel|cases|groups?|categories|reasons?)_(?:need\w+|in_need|requir\w+)
    other_(?:persons?|people|individuals?|personnel|cases|groups?|categories|reasons?)_(?:specified|designated|determined)
    as_(?:is_|are_|may_be_)?(?:required|directed|instructed|ordered|determined|decided|specified|appropriate|necessary)
    (?:deemed|considered|thought|found|judged)_(?:necessary|fit|appropriate|expedient) etc et_cetera et_al
    and_so_(?:on|forth) and_the_like (?:and|or)_similar among_others not_limited_to discretion\w* required_by
    in_special_(?:cases|circumstances) (?:any|every)one_else whoever
    any_other_(?:person|case|reason|ground|circumstance)s?
"""

OPEN_ZH = r"""
    直[至到][^,。;]{0,8}(?:通知|批准|同意|决定|允许|解除)
    其[他它]需要 其[他它]应 等等 等其[他它] 及其[他它] 和其[他它](?:人员|人群|情) 视情 酌情 兜底 根据需要 视需要
    按需 不限于 裁量 指挥部(?:要求|认定|确定|决定|指定|通知|指令|规定) 上级(?:要求|指示|通知)
    (?:有关|相关)(?:人员|部门|单位|要求|规定) (?:特殊|特定)(?:情况|情形|人员|人群) 重点(?:人员|人群)
    (?:可疑|关注)人员
"""

# I6, the same in what says why; "keep away from other people" is honest elsewhere.
OPEN_NAMED_EN = r"""
    others
    other_(?:persons|people|individuals|personnel|cases|reasons?|circumstances|situations|groups?|categor(?:y|ies))
    (?:where(?:ver)?|if|when(?:ever)?|as)_(?:necessary|needed)
    (?:special|key|relevant)_(?:persons?|people|groups?|cases|circumstances) persons?_of_(?:concern|interest)
"""

OPEN_NAMED_ZH = r"""
    其[他它](?:人员|人群|情形|情况|原因|类) 等(?:人员|人群|情形|情况|原因) 必要时 需要时 认为需要 确有必要
"""

# I6, what somebody did not do is no ground.
PENALTY_NAMED_EN = r"""
    fail(?:s|ed|ing|ure)?_to did_not_(?:test|take|get|attend|report|register|comply) not_tested untested
    miss(?:ed|ing)?_(?:an?_|the_|your_|any_)?(?:\w+_)?tests? skip(?:s|ped|ping)? refus(?:e|es|ed|al|ing)
    without_(?:an?_|any_)?(?:valid_|recent_|new_)?test overdue non_?complian(?:ce|t) violat\w+ breach\w* sanction\w*
    evad\w+ conceal\w* no_(?:valid_|recent_)?test_(?:in|within|for)
"""

PENALTY_NAMED_ZH = r"""
    未按 未检 未做 未测 未参加 未完成 未报备 未登记 未落实 拒绝 漏检 缺检 逾期 不配合 不服从 瞒报 谎报 违反 违规
    违法 逃避
"""

# I6, threats, and times that grow because a test is missing.
PENALTY_EN = r"""
    if_you_(?:do_not|don't|refuse|fail|miss|skip) lose_(?:your|any|the) put_on_an?_list
    punish\w* prosecut\w* fined legal_(?:liability|responsibility|consequences|action) penalt(?:y|ies)
    until_(?:you_|an?_|the_|all_)?(?:have_|has_)?(?:been_)?(?:re)?(?:test(?:s|ed)?|negative|results?)
    (?<!not_)(?<!never_)(?<!not_be_)(?<!never_be_)(?:extend(?:s|ed|ing)?|prolong(?:s|ed|ing)?|starts?_(?:again|over|anew))
"""

PENALTY_ZH = r"""
    漏检 逾期 直[至到][^,。;]{0,4}补检 (?:转为|维持|继续|保持)[红黄]码 不(?:做|参加|去)[^,。;]{0,4}(?:的|者)
    依法 追究 处罚 法律责任 后果自负 拒不 应检未检 未按(?:要求|规定)[^,。;]{0,6}(?:检测|核酸)
    直[至到][^,。;]{0,4}检测 检测(?:阴性)?后(?:方可|才) (?<!不会)(?<!不得)(?<!不能)(?<!不)(?:延长|顺延|延期)
    重新计[算时]
"""

# I12, a code that came from elsewhere.
COPIED_EN = r"""
    coded_(?:by|in|elsewhere) pushed_(?:by|from) (?:red|yellow)_elsewhere code_(?:of|from)_(?:an)?other
"""

COPIED_ZH = r"""
    (?:外省|外地|异地|他省|外市)[^,。;]{0,6}码 推送[^,。;]{0,4}码 转码
"""

# I12, the same in what says why.
COPIED_NAMED_EN = r"""
    push(?:es|ed|ing)? same_colou?r forward(?:s|ed|ing)? national_platform
    (?:an)?other_(?:provinces?|city|cities|states?|regions?|authorit(?:y|ies))
"""

COPIED_NAMED_ZH = r"""
    外省 外地 异地 他省 外市 其[他它]省 推送 互认 同步[^,。;]{0,4}码 (?:全国|国家)(?:一体化)?平台
"""
