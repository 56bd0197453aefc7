"""What customers and colleagues of the demo company say: pieces from which each text is put together anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "霞",
    "平",
    "刚",
    "桂英",
    "建华",
    "志强",
    "晓燕",
    "海燕",
    "文博",
    "子涵",
    "梓萱",
    "雨桐",
    "浩然",
    "欣怡",
    "俊杰",
    "佳琪",
    "思远",
    "嘉怡",
    "一诺",
    "天宇",
    "雪梅",
    "春梅",
    "国庆",
    "建平",
    "玉兰",
    "红梅",
]
DISTRICTS = (
    ("上海市", "浦东新区", "世纪大道"),
    ("上海市", "徐汇区", "漕溪北路"),
    ("杭州市", "西湖区", "文三路"),
    ("苏州市", "姑苏区", "干将东路"),
    ("南京市", "鼓楼区", "中山北路"),
    ("广州市", "天河区", "体育西路"),
    ("深圳市", "南山区", "科技园路"),
    ("佛山市", "禅城区", "祖庙路"),
    ("厦门市", "思明区", "湖滨南路"),
    ("合肥市", "蜀山区", "黄山路"),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A need that customers of a product line have."""

    kind: str
    service_type: str
    line: str
    subject: str
    what: tuple[str, ...]
    severity: int | None = None


LINES: dict[str, tuple[str, tuple[str, ...]]] = {
    "washing_machine": ("洗衣机", ("XQG100-B14", "XQG90-S2", "XQB80-Z1")),
    "refrigerator": ("冰箱", ("BCD-520W", "BCD-318T")),
    "air_conditioner": ("空调", ("KFR-35GW", "KFR-72LW")),
    "water_heater": ("热水器", ("JSQ30-16", "ES60H")),
    "television": ("电视", ("65D6F", "55V1")),
    "kitchen": ("油烟机", ("CXW-260", "CXW-220")),
}
TROUBLES: Sequence[Trouble] = (
    Trouble(
        "service",
        "repair",
        "washing_machine",
        "洗衣机不排水",
        ("洗到一半停了，水排不出去", "脱水前就报警，桶里全是水"),
        3,
    ),
    Trouble(
        "service",
        "repair",
        "washing_machine",
        "洗衣机脱水时剧烈振动",
        ("脱水的时候机器会移位，声音很大", "楼下邻居都来敲门了"),
        3,
    ),
    Trouble("service", "repair", "washing_machine", "洗衣机门打不开", ("衣服锁在里面拿不出来", "门锁一直亮着"), 3),
    Trouble("service", "repair", "refrigerator", "冰箱不制冷", ("冷藏室的菜都坏了", "冷冻室化了一地水"), 2),
    Trouble("service", "repair", "refrigerator", "冰箱异响", ("半夜嗡嗡响睡不着", "每隔十分钟响一次")),
    Trouble("service", "repair", "air_conditioner", "空调不制热", ("老人孩子在家，太冷了", "吹出来的是凉风"), 2),
    Trouble("service", "repair", "air_conditioner", "空调内机漏水", ("水滴到地板上了", "墙纸都泡了"), 3),
    Trouble("service", "repair", "water_heater", "热水器打不着火", ("换过电池也不行", "早上洗不了澡"), 3),
    Trouble("service", "repair", "water_heater", "热水器闻到燃气味", ("已经关了阀门，请尽快来", "有一股味道，不敢用"), 1),
    Trouble("service", "repair", "television", "电视屏幕有竖线", ("右边三条竖线一直在", "开机就有，过一会更多")),
    Trouble("service", "installation", "air_conditioner", "新空调安装", ("货已经到了，想这周装", "两台，一台在三楼")),
    Trouble("service", "installation", "kitchen", "油烟机安装改期", ("装修延后，想改到下周", "橱柜还没好")),
    Trouble("service", "maintenance", "kitchen", "油烟机清洗", ("用了三年没洗过", "吸力变小了")),
    Trouble("service", "check", "water_heater", "热水器年度检查", ("延保里有一次检查", "想换镁棒")),
    Trouble("enquiry", "", "television", "电视如何连接手机投屏", ("家里老人不会用", "说明书没有写")),
    Trouble("enquiry", "", "washing_machine", "延保怎么购买", ("快过保修期了", "想了解价格")),
    Trouble("enquiry", "", "refrigerator", "滤芯在哪里买", ("型号对不上", "线下有店吗")),
    Trouble("complaint", "", "air_conditioner", "约好的师傅没来", ("请了半天假白等", "电话也没人接"), 3),
    Trouble("complaint", "", "refrigerator", "修了两次还是坏", ("同一个问题第三次报修", "要求换新"), 2),
    Trouble("complaint", "", "water_heater", "师傅多收了材料费", ("没有出示价格表", "发票也没有开"), 3),
    Trouble("suggestion", "", "television", "希望客服电话可以预约回拨", ("排队太久", "可以学学别家")),
    Trouble("praise", "", "kitchen", "表扬上门的师傅", ("穿鞋套，干完活把地也擦了", "讲解很耐心")),
)
OPENERS = ("您好，", "你好，", "麻烦你们，", "请问，", "", "急，")
WHEN = ("昨天晚上开始", "今天早上发现", "用了两天就这样", "上周就有一次", "从买来就这样", "刚刚")
CLOSERS = ("请尽快联系我。", "我白天都在家。", "下午五点以后方便。", "请先打电话。", "谢谢。", "周末在家。")


def a_name(random: Random) -> str:
    """Return a Chinese name."""
    return random.choice(SURNAMES) + random.choice(GIVEN)


ROADS = [
    "人民路",
    "解放路",
    "中山路",
    "建设路",
    "文昌路",
    "新华路",
    "和平路",
    "滨河路",
    "学府路",
    "迎宾大道",
    "朝阳街",
    "花园路",
]


def a_house(random: Random) -> str:
    """Return the rest of an address within a district."""
    return f"{random.choice(ROADS)}{random.randint(1, 899)}号{random.randint(1, 30)}幢{random.randint(101, 2504)}室"


def an_address(random: Random) -> str:
    """Return an address."""
    city, district, road = random.choice(DISTRICTS)
    return f"{city}{district}{road}{random.randint(1, 899)}号{random.randint(1, 30)}幢{random.randint(101, 2504)}室"


def a_description(trouble: Trouble, model: str, random: Random) -> str:
    """Return how a customer tells a trouble."""
    code = f"，显示 E{random.randint(10, 89)}" if trouble.service_type == "repair" and random.random() < 0.5 else ""
    return (
        f"{random.choice(OPENERS)}{LINES[trouble.line][0]}型号{model}，{random.choice(WHEN)}，"
        f"{random.choice(trouble.what)}{code}。{random.choice(CLOSERS)}"
    )


WHAT_AILS: dict[str, tuple[str, ...]] = {
    "washing_machine": ("不排水", "脱水时剧烈振动", "门打不开", "不进水", "洗到一半停机", "漏水", "按键没反应"),
    "refrigerator": ("不制冷", "异响", "结霜严重", "门关不严", "冷藏室有水", "压缩机一直不停"),
    "air_conditioner": ("不制热", "内机漏水", "外机噪音大", "遥控不灵", "吹风有异味", "开机就跳闸"),
    "water_heater": ("打不着火", "水温忽冷忽热", "出水小", "点火有爆鸣声", "显示屏不亮", "漏水"),
    "television": ("屏幕有竖线", "没有声音", "开不了机", "频繁重启", "遥控失灵", "画面偏色"),
    "kitchen": ("吸力变小", "电机不转", "灯不亮", "触控没反应", "噪音大", "漏油"),
}
FAULTS: dict[str, tuple[tuple[str, str], ...]] = {
    "washing_machine": (("wm_drain", "e31"), ("wm_door", "e50"), ("wm_control", "e60"), ("wm_spin", "e40")),
}
SINCE = ("昨晚", "今天早上", "上周末", "两天前", "搬家之后", "停电以后", "换季再用时", "刚过保养期")
HOW = (
    "一直这样",
    "时好时坏",
    "越来越厉害",
    "断电重启也没用",
    "按说明书试过了",
    "邻居家的就没有这个毛病",
    "家里有老人孩子，着急用",
)
WISHES = ("请安排师傅上门", "最好明天上午来", "请先打电话", "白天家里有人", "希望一次修好", "麻烦带齐配件", "周末也可以")
WORK = (
    "清理管路并复位",
    "调整安装位置后紧固",
    "更换磨损件并润滑",
    "重新接线并绝缘处理",
    "清洗滤网和风道",
    "校准后连续运行",
    "紧固接头并检漏",
)
CHECKS = ("试机三个循环正常", "连续运行二十分钟无异常", "温度、声音、漏水逐项检查合格", "用户当面确认", "与新机对比一致")
PRAISE = (
    "师傅很准时",
    "讲得很清楚",
    "干活利索",
    "穿了鞋套还把地擦干净",
    "没有乱收费",
    "态度好",
    "一次就修好了",
    "比约定的还早到",
)
REMARKS = (
    "门口不好停车",
    "六楼没有电梯",
    "客户中午休息，勿敲门",
    "小区要登记",
    "家里有狗",
    "机器嵌在橱柜里",
    "上次来过一位师傅",
    "客户提前备好了票据",
)
REASONS = (
    "来晚了没有提前说",
    "修完又响",
    "收费没有先看价格表",
    "现场没有清理干净",
    "零件等了太久",
    "说话不够耐心",
    "以前已经反映过",
    "情况已核实",
)
GREETINGS = ("您好", "{name}您好", "{name}，上午好", "感谢您的来电", "{name}您好，让您久等了")
APPEALS = (
    "当天道路封闭，已提前电话告知客户",
    "客户临时改约，系统里有通话记录",
    "照片当晚补传，步骤都做了",
    "配件判断依据当时的故障代码",
    "小区断电，无法继续，请核实",
    "网点派单太晚，出发时已超时",
)
VERDICTS = ("核对记录属实", "现场记录与陈述不符", "通话记录可以证明", "证据不足，维持原判", "经复核情况成立", "已与客户核实")
FRAUD = "虚报更换零件并向客户收费，经质量部核实"


@dataclass(frozen=True, slots=True)
class About:
    """What a customer turns to a desk with, how it is told, and how it is answered."""

    subject: str
    told: tuple[str, ...]
    answers: tuple[str, ...]


ABOUT: dict[str, tuple[About, ...]] = {
    "enquiry": (
        About(
            "{line}延保怎么购买",
            ("快过保修期了，想了解延保价格", "听说可以买两年延保，怎么办理"),
            ("延保可在保修期满前三十天内办理，价格表已发到您的手机。", "这款{line}可续两年整机延保，凭购机凭证办理即可。"),
        ),
        About(
            "{line}的保修期到哪天",
            ("发票找不到了，还能查到保修期吗", "想确认现在还在不在保修期内"),
            ("已按机号查到您的购机日期，保修信息已更新到您的档案。", "没有发票也可按机号认定，您的{line}信息已核对。"),
        ),
        About(
            "{line}耗材在哪里买",
            ("滤网该换了，不知道买哪个型号", "网上的配件不知道真假"),
            ("对应的耗材编码已发给您，可在官方商城或就近网点购买。", "请认准原厂包装上的编码，网点可代订并送货。"),
        ),
        About(
            "{line}有个功能不会用",
            ("说明书丢了，预约功能不会设置", "家里老人不会用，想要一份简单的步骤"),
            ("已将图文步骤发到您的手机，按三步操作即可。", "电子说明书和视频链接已发送，如不清楚可再来电。"),
        ),
        About(
            "{line}搬家后要重新安装吗",
            ("下周搬家，想了解拆装怎么收费", "新家的水电位不一样，需要先看现场吗"),
            ("拆装收费标准已发给您，搬家前一天预约即可。", "建议先发现场照片，我们按照片给出安装方案。"),
        ),
        About(
            "发票抬头能不能改",
            ("开成了个人，想改成单位", "税号写错了一位"),
            ("原发票作废后三个工作日内重开，电子票发到您的邮箱。", "已转结算部重开，请留意邮箱。"),
        ),
    ),
    "complaint": (
        About(
            "约好的时间没有人来",
            ("请了半天假白等", "电话打不通，也没有人解释"),
            ("{name}您好，当日派工衔接有误，已当面致歉并重新安排。", "核实为网点排班失误，已约谈并为您优先安排。"),
        ),
        About(
            "{line}修了两次还是老毛病",
            ("同一个问题第三次报修", "每次都说好了，第二天又坏"),
            ("已安排资深工程师复查并更换总成，保修期顺延。", "前两次判断有误，已免费处理并回访确认。"),
        ),
        About(
            "收费和价格表不一样",
            ("没有出示价格表就收了材料费", "发票上的项目看不懂"),
            ("多收部分已原路退回，网点已按规定处理。", "已核对价格表，差额退回，并补开明细。"),
        ),
        About(
            "师傅态度不好",
            ("说话很冲，问两句就不耐烦", "没穿鞋套，走的时候也没收拾"),
            ("已向您致歉，该工程师已接受服务规范再培训。", "核实属实，已按服务规范扣分并道歉。"),
        ),
        About(
            "{line}配件等了半个月",
            ("一直说在路上", "每次打电话说法都不一样"),
            ("配件已加急到货，今日上门，延误原因已向您说明。", "已从邻近仓库调货，并为您延长保修。"),
        ),
    ),
    "suggestion": (
        About(
            "希望可以预约回拨",
            ("高峰时排队太久", "上班时间不方便一直等着"),
            ("建议已采纳，回拨功能列入下季度计划。", "谢谢您的建议，已转产品部评估。"),
        ),
        About(
            "{line}的说明书字太小",
            ("老人看不清", "重点应该印在前面"),
            ("大字版电子说明书已上线，纸质版将在改版时调整。", "建议已转产品部，改版时采用。"),
        ),
        About(
            "{line}希望有儿童锁",
            ("孩子总去按", "现在的锁太容易解开"),
            ("新款已有此功能，建议已反馈研发。", "谢谢您的建议，研发已记录。"),
        ),
    ),
    "praise": (
        About(
            "表扬上门的师傅",
            ("穿鞋套，干完活把地也擦了", "讲解很耐心，老人也听懂了"),
            ("谢谢您的肯定，已转告本人并通报表扬。", "您的表扬已记入他的服务档案。"),
        ),
        About(
            "感谢客服帮忙",
            ("跟进到底，每一步都告诉我", "很快就解决了"),
            ("谢谢您，我们会继续努力。", "您的话已转告客服同事。"),
        ),
        About(
            "{line}用得很满意",
            ("声音小，又省电", "用了三年没有出过问题"),
            ("谢谢您的信任，祝您使用愉快。", "您的评价已转给产品同事。"),
        ),
    ),
}
LOOKING = (
    "我先核对记录，再给您准确答复",
    "正在向相关部门确认",
    "我来跟进，结果一出来就告诉您",
    "资料我已查到，整理后回复您",
    "我核实清楚后给您回话",
)
LOOKED = ("已核对购机记录", "已查过产品资料", "已记下客户方便接电话的时间", "已请相关部门确认", "客户要的资料已找到一半")
TO_TELL = ("查清后给客户回电", "核对资料后答复", "按约定的时间答复客户", "向相关部门问清楚再回复", "把步骤整理好发给客户")
PARTING = ("如有疑问请随时联系。", "感谢您的耐心。", "祝您生活愉快。", "后续由我继续跟进。", "欢迎再来电。")
BUSY = ("正在陪客户处理另一张服务单", "这条产品线不是我负责", "马上要开班会", "手上的单子已满")
